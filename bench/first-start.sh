#!/usr/bin/env bash
# What a first start takes: from "dotnet run" in a fresh clone until its first page is answered, beside that of an empty web app, in turn.
# Packages are cached; the compiler's server is stopped before each. Processor time is counted by a control group, so that what stays
# behind counts too: that takes root.
# Usage: bench/first-start.sh [runs]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
place=$(mktemp -d)
groups=/sys/fs/cgroup/cpuacct
[ -d "$groups" ] || groups=/sys/fs/cgroup
group=$groups/first-start-$$
mkdir "$group"
leave() { end; until rmdir "$group" 2> /dev/null; do sleep 0.1; done; rm -rf "$place"; }
trap leave EXIT

end() {
  while read -r process; do kill -9 "$process" 2> /dev/null || true; done < "$group/cgroup.procs"
  until [ ! -s "$group/cgroup.procs" ]; do sleep 0.1; done
}

used() {
  if [ -f "$group/cpuacct.usage" ]; then echo $(($(< "$group/cpuacct.usage") / 1000000)); else echo $(($(sed -n 's/^usage_usec //p' "$group/cpu.stat") / 1000)); fi
}

# Prints milliseconds of the processors and of the clock. Arguments: the folder, the address, then the words behind "dotnet run".
first() {
  local folder=$1 address=$2 began before
  shift 2
  dotnet build-server shutdown > /dev/null 2>&1
  before=$(used)
  began=$(date +%s%3N)
  (echo $BASHPID > "$group/cgroup.procs"; cd "$folder"; exec dotnet run "$@" --urls "$address") < /dev/null 2>&1 | cat > /dev/null &
  timeout 900 bash -c "until curl -sf -o /dev/null $address; do sleep 0.1; done"
  echo "$(($(used) - before)) $(($(date +%s%3N) - began))"
  end
}

dotnet new web --force -o "$place/empty" > /dev/null
for run in $(seq "${1:-3}"); do
  rm -rf "$place/buildyard" "$place/empty/bin" "$place/empty/obj"
  git clone -q "$root" "$place/buildyard"
  read -r cpu wall < <(first "$place/buildyard" http://127.0.0.1:5095 --project apps/Buildyard)
  read -r empty_cpu empty_wall < <(first "$place/empty" http://127.0.0.1:5096)
  echo "run $run: Buildyard $cpu ms of processors, $wall ms; an empty web app $empty_cpu ms, $empty_wall ms; ratio $((cpu * 10 / empty_cpu)) tenths"
done
