import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { text, total } from "../src/prices.js";

const tests = {
  "nothing costs nothing": () => assert.equal(total([]), 0),
  "each line counts": () => assert.equal(total([{ cents: 450, count: 2 }, { cents: 1200, count: 1 }]), 2100),
  "cents have two digits": () => assert.equal(text(405), "4.05 €"),
};

const cases = [];
let failures = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    test();
    cases.push(`  <testcase name="${name}"/>`);
    console.log(`ok ${name}`);
  } catch (error) {
    failures++;
    cases.push(`  <testcase name="${name}"><failure/></testcase>`);
    console.log(`not ok ${name}: ${error.message}`);
  }
}

const output = process.argv.find((argument) => argument.startsWith("--output="))?.slice("--output=".length);
if (output) {
  writeFileSync(output, `<testsuite name="shop" tests="${cases.length}" failures="${failures}">\n${cases.join("\n")}\n</testsuite>\n`);
}
process.exitCode = failures === 0 ? 0 : 1;
