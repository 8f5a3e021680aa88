# The sandbox's own process: carries out what the engine writes to its input, one command at a time, and answers on its output.
# A command is a line with its length and number, then that many bytes of bash. An answer is whatever the command prints,
# then a mark with its number and a status. Steps could disturb this process; they would disturb only their own build.
# The end of input ends the sandbox.
# Arguments: the word of the marks; "all" where nothing but this build can be seen, so that everything that can be seen may be killed.
LC_ALL=C
mark=$1
reach=$2
job=
line=
[ "$reach" = all ] || set -m
trap : HUP INT QUIT TERM USR1 USR2 ALRM PIPE
# The log. What bash itself has to say of a step that was killed is none of it.
exec 3>&2 2> /dev/null

tell() { printf '\036%s %s %s\n' "$mark" "$1" "$2"; }

# Runs its arguments as a step, beside this process, which goes on listening.
begin() {
  { trap : HUP INT QUIT TERM USR1 USR2 ALRM PIPE; ( "$@" ) < /dev/null >&2 3>&-; tell "$id" $?; } &
  job=$! job_id=$id
}

hit() {
  if [ "$reach" = all ]; then
    kill "-$1" -1
  elif [ -n "$job" ]; then
    kill "-$1" -- "-$job"
  fi 2> /dev/null
}

# Nothing that a step began outlives it. What it printed ends at the mark on the log.
sweep() {
  {
    hit KILL
    wait
    # Whoever's parent died before is nobody's child here: it is gone when nobody is left to be killed.
    [ "$reach" != all ] || while hit KILL; do sleep 0.01; done
  } 2> /dev/null
  job=
  printf '\036%s\n' "$mark" >&3
}

# Passes on the pieces that follow a command, each after a line with its length, until one of length 0.
receive() {
  local size
  while read -r size && [ "$size" -gt 0 ]; do head -c "$size"; done
}

while :; do
  part=
  read -r -t 1 part
  status=$?
  line=$line$part
  if [ $status = 0 ]; then
    size=${line% *} id=${line#* }
    line=
    # A short command is read here, byte by byte; starting a program to read it takes longer than that.
    if [ "$size" -le 4096 ]; then
      IFS= read -r -N "$size" command
    else
      command=$(head -c "$size"; printf x) command=${command%x}
    fi
    eval "$command" 2>&3
    continue
  fi
  [ $status -gt 128 ] || exit 0
  if [ -n "$job" ] && ! kill -0 "$job" 2> /dev/null; then
    # A step that killed the one who waits for it would never be heard of again.
    wait "$job" || tell "$job_id" 137
    job=
  fi
done
