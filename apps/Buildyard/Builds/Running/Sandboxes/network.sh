# Becomes a sandbox's user-mode network. That it stands is said on descriptor 3: its standard output carries warnings too.
# Arguments: "own" to bring a tun node of its own, nothing where the machine's is used; then the command to become.
set -eu
if [ "$1" = own ]; then
  # In a mount namespace of this process alone: the machine's nodes and their modes stay as they are.
  mount -t tmpfs -o mode=755,nosuid,noexec own-devices /dev
  mkdir /dev/net
  mknod -m 666 /dev/net/tun c 10 200
  mknod -m 666 /dev/null c 1 3
  mknod -m 666 /dev/random c 1 8
  mknod -m 666 /dev/urandom c 1 9
fi
shift
exec "$@" 3>&1 >&2
