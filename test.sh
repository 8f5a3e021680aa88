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
# Chromium without a window: it takes half of what the one with a window takes that nobody sees.
command -v chromium-headless-shell > /dev/null || missing+=(chromium-headless-shell)
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
# The compiler that all projects share is stopped again, so that nothing outlives the gate.
stop_compiler() { dotnet build-server shutdown --vbcscompiler > /dev/null 2>&1; }
dotnet build Latchkey.slnx -c Release -v quiet
built=$?
stop_compiler
[ "$built" = 0 ] || stop "The build failed."

echo "== format"
dotnet format whitespace Latchkey.slnx --no-restore --verify-no-changes || stop "Run 'dotnet format whitespace' and look at what it changed."

echo "== tests"
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
# Most of what tests write is thrown away at once. Where memory has room for it, it isn't written to a disk first.
free=$(df --output=avail -k /dev/shm 2> /dev/null | tail -n 1)
if [ "${free:-0}" -gt 4000000 ] && ! grep -q ' /dev/shm .*noexec' /proc/mounts; then
  TMPDIR=$(mktemp -d /dev/shm/latchkey-tests.XXXXXX)
  # Some tests become somebody else, who writes here too.
  chmod 1777 "$TMPDIR"
  export TMPDIR
  trap 'rm -rf "$logs" "$TMPDIR"' EXIT
fi
# Processes that live for seconds don't earn back what they spend on finding out how to run faster.
export DOTNET_TieredPGO=0 DOTNET_gcServer=0

# Runs one suite and shows what it said when it is done.
suite() {
  "test/$1/bin/Release/net10.0/$1" --progress off --no-ansi > "$logs/$1" 2>&1
  echo $? > "$logs/$1.status"
  cat "$logs/$1"
}
export -f suite
export logs
# Two at a time, the long ones first: browsers, builds and servers of more than two wait for each other, not for an answer.
long=(Buildyard.EndToEnd.Tests Buildyard.Tests Buildyard.Process.Tests Buildyard.Builds.Tests)
mapfile -t suites < <(printf '%s\n' "${long[@]}"; cd test && ls -d ./*.Tests | sed 's,^[.]/,,' | grep -vxF "$(printf '%s\n' "${long[@]}")")
printf '%s\n' "${suites[@]}" | xargs -P 2 -I{} bash -c 'suite {}'
# The README's command, as a test runs it, compiles too.
stop_compiler

passed=0 failed=0 skipped=0
count() { sed -n "s/^ *$2: *\([0-9][0-9]*\).*/\1/p" "$logs/$1" | tail -n 1; }
for suite in "${suites[@]}"; do
  broken=$(count "$suite" failed)
  # A suite that dies, or runs no test, is a failure even where no test says so.
  if [ "$(cat "$logs/$suite.status")" != 0 ] && [ "${broken:-0}" = 0 ]; then
    echo "$suite did not end well." >&2
    broken=1
  fi
  passed=$((passed + $(count "$suite" succeeded) + 0)) failed=$((failed + ${broken:-0})) skipped=$((skipped + $(count "$suite" skipped) + 0))
done
[ "$passed" != 0 ] || stop "No test ran."

[ "$skipped" = 0 ] && echo "$passed passed, $failed failed" || echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
