#!/bin/bash
# Hands variables from a step to those after it: each record is a key, its options and a value, each ended by a zero byte.
limit=262144
store=${ENVMAN_ENVSTORE_PATH:?envman works inside a step}
fail() { echo "envman: $1" >&2; exit 1; }

while [ $# -gt 0 ]; do
  case $1 in
    -p|--path) store=$2; shift 2 ;;
    --path=*) store=${1#*=}; shift ;;
    -l|--loglevel|-t|--tool) shift ;;
    *) break ;;
  esac
done
action=${1-}
[ $# -eq 0 ] || shift

key= value= file= options= given=
case $action in
  add|a|unset|rm)
    while [ $# -gt 0 ]; do
      case $1 in
        --key|-key|-k) [ $# -gt 1 ] || fail "$1 needs a value"; key=$2; shift ;;
        --value|-value|-v) [ $# -gt 1 ] || fail "$1 needs a value"; value=$2 given=yes; shift ;;
        --valuefile|-valuefile|-f) [ $# -gt 1 ] || fail "$1 needs a value"; file=$2; shift ;;
        --key=*|-key=*|-k=*) key=${1#*=} ;;
        --value=*|-value=*|-v=*) value=${1#*=} given=yes ;;
        --valuefile=*|-valuefile=*|-f=*) file=${1#*=} ;;
        --no-expand|-no-expand|-n|--no-expand=true) options+=n ;;
        --append|-append|-a|--append=true) options+=a ;;
        --skip-if-empty|-skip-if-empty|--skip-if-empty=true) options+=e ;;
        --sensitive|-sensitive|-s|--sensitive=true) options+=s ;;
        *=false) ;;
        *) fail "add takes --key, --value, --valuefile, --no-expand, --append, --skip-if-empty and --sensitive, not $1" ;;
      esac
      shift
    done
    [ -n "$key" ] || fail "--key is missing"
    case $key in *=*) fail "a key holds no equals sign: $key" ;; esac
    if [ "$action" = unset ] || [ "$action" = rm ]; then
      options=u value=
    elif [ -z "$value" ] && [ -n "$file" ]; then
      [ -r "$file" ] || fail "$file can't be read"
      value=$(tr -d '\000' < "$file"; printf x) value=${value%x}
    elif [ -z "$given" ] && [ -p /dev/stdin ]; then
      value=$(tr -d '\000'; printf x) value=${value%x}
    fi
    size=$(LC_ALL=C; echo "${#value}")
    [ "$size" -le $limit ] || fail "the value of $key is $((size / 1024)) KB; a value holds at most $((limit / 1024)) KB"
    held=$(cat "$store" 2> /dev/null | wc -c)
    [ $((held + size)) -le $((limit + 65536)) ] || fail "the values of this step together hold at most $((limit / 1024)) KB"
    printf '%s\0%s\0%s\0' "$key" "$options" "$value" >> "$store" ;;
  clear|c|init|i)
    : > "$store" ;;
  print|p)
    while IFS= read -r -d '' key && IFS= read -r -d '' options && IFS= read -r -d '' value; do
      printf '%s: %s\n' "$key" "$value"
    done < "$store" ;;
  version)
    echo 'Buildyard' ;;
  *)
    fail "it knows add, unset, print, clear and init, not ${action:-nothing}" ;;
esac
