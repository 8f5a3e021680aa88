# Runs as root of a user namespace that holds nothing yet: makes the workspace and the fence, then becomes the sandbox.
# Steps run one namespace further in and have no power over what is made here.
# Arguments: bytes and files of the workspace, the rules of the network fence or nothing, the tools envman and bitrise, then the command to become.
set -eu
umask 022
# When memory runs short, builds go before anything else on this machine.
echo 900 > /proc/self/oom_score_adj
mount -t tmpfs -o "size=$1,nr_inodes=$2,nosuid,nodev,mode=755" workspace /mnt
mkdir /mnt/work /mnt/tmp /mnt/shm /mnt/etc
chmod 1777 /mnt/tmp /mnt/shm
printf '%s\n' 'root:x:0:0:root:/nonexistent:/usr/sbin/nologin' 'build:x:1000:1000:build:/bitrise/home:/bin/bash' 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin' > /mnt/etc/passwd
printf '%s\n' 'root:x:0:' 'build:x:1000:' 'nogroup:x:65534:' > /mnt/etc/group
printf '%s\n' '127.0.0.1 localhost buildyard-build' '::1 localhost' > /mnt/etc/hosts
printf '%s\n' 'passwd: files' 'group: files' 'hosts: files dns' > /mnt/etc/nsswitch.conf
: > /mnt/etc/resolv.conf
if [ -n "$3" ]; then
  echo 'nameserver 10.0.2.3' > /mnt/etc/resolv.conf
  printf '%s' "$3" | nft -f -
fi
cd /mnt/work
mkdir src deploy home cache tmp .tools .tools/bin
printf %s "$4" > .tools/bin/envman
printf %s "$5" > .tools/bin/bitrise
chmod 755 .tools/bin/envman .tools/bin/bitrise
: > .tools/envstore
cd /
fence=$3
shift 5
echo ready
# The network is plugged in from outside now; the end of input means that nobody is left to run a build for.
read -r go
# No step runs without the network that its build was promised.
if [ -n "$fence" ] && [[ $(< /proc/net/dev) != *tap0:* ]]; then
  echo "The sandbox's network isn't there." >&2
  exit 1
fi
exec "$@"
