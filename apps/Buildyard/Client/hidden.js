// What hides in a text, shown by name: the rule of Latchkey's HiddenCharacters, for editors. Controls are special to CodeMirror without this.
import { highlightSpecialChars } from "@codemirror/view";

const picture = "[\\p{So}\\p{Emoji_Modifier}\\ufe0f]";
const joined = "[\\u0600-\\u0dff]";
const hidden = [
  "(?![\\u200c\\u200d\\ufe0e\\ufe0f])[\\p{Cf}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}\\u2800\\ufffc]",
  `(?<!${picture}|${joined})\\u200d`, `(?<=${picture})\\u200d(?!\\p{So})`, `(?<=${joined})\\u200d(?!${joined})`,
  `(?<!${joined})\\u200c`, `\\u200c(?!${joined})`,
  "(?<![\\p{So}\\p{Sm}\\p{Po}\\p{Pd}\\u2139])[\\ufe0e\\ufe0f](?!\\u20e3)", "(?<=[\\x00-\\x7f])(?<![0-9#*])[\\ufe0e\\ufe0f]",
].join("|");

export const showHidden = highlightSpecialChars({
  addSpecialChars: new RegExp(hidden, "gu"),
  render(code, description) {
    const mark = document.createElement("span");
    mark.className = "cm-specialChar";
    mark.textContent = `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
    mark.title = description ?? "";
    return mark;
  },
});
