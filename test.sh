#!/usr/bin/env bash
# The one gate: installs what the tests need, checks the format, builds with warnings as errors, runs every test.
# Its last line is "N passed, N failed[, N skipped]". Needs the .NET SDK (global.json) and Node 20 or newer.
set -uo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

stop() {
  echo "$1" >&2
  echo "0 passed, 1 failed"
  exit 1
}

for tool in dotnet node npm; do
  command -v "$tool" > /dev/null || stop "test.sh needs '$tool': install the .NET SDK (see global.json) and Node.js 20 or newer."
done

missing=()
command -v chromium > /dev/null || missing+=(chromium)
command -v git > /dev/null || missing+=(git)
# What builds are run in, and the server that a repository is cloned from over ssh.
command -v bwrap > /dev/null || missing+=(bubblewrap)
command -v slirp4netns > /dev/null || missing+=(slirp4netns)
[ -x /usr/sbin/nft ] || missing+=(nftables)
command -v zstd > /dev/null || missing+=(zstd)
command -v ssh > /dev/null || missing+=(openssh-client)
[ -x /usr/sbin/sshd ] || missing+=(openssh-server)
# Only root can mount the small disk that is filled up and broken.
[ "$(id -u)" != 0 ] || command -v mkfs.ext4 > /dev/null || missing+=(e2fsprogs)
if [ ${#missing[@]} -gt 0 ]; then
  [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null || stop "The tests need these Debian packages: ${missing[*]}. Install them with: sudo apt-get install ${missing[*]}"
  echo "Installing ${missing[*]}"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } > /dev/null \
    || stop "apt-get could not install ${missing[*]}."
fi

echo "== build (warnings are errors)"
# One compiler for all projects: it is warm after the first. It is stopped again, so that nothing outlives the gate.
UseSharedCompilation=true dotnet build Latchkey.slnx -c Release -v quiet
built=$?
dotnet build-server shutdown --vbcscompiler > /dev/null 2>&1
[ "$built" = 0 ] || stop "The build failed."

echo "== format"
dotnet format whitespace Latchkey.slnx --no-restore --verify-no-changes || stop "Run 'dotnet format whitespace' and look at what it changed."

echo "== tests"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Two suites at a time: browsers, builds and servers of more than two wait for each other, not for an answer.
dotnet test --solution Latchkey.slnx -c Release --no-build --no-progress --max-parallel-test-modules 2 2>&1 | tee "$log"
status=${PIPESTATUS[0]}

count() { sed -n "s/^ *$1: *\([0-9][0-9]*\).*/\1/p" "$log" | tail -n 1; }
passed=$(count succeeded) failed=$(count failed) skipped=$(count skipped)
[ -n "$passed" ] || stop "No test ran."
if [ "$status" != 0 ] && [ "${failed:-0}" = 0 ]; then
  # A test host that dies, or a project that runs no test, is a failure even where no test says so.
  failed=1
fi

[ "${skipped:-0}" = 0 ] && echo "$passed passed, ${failed:-0} failed" || echo "$passed passed, ${failed:-0} failed, $skipped skipped"
[ "$status" = 0 ] && [ "${failed:-0}" = 0 ]
