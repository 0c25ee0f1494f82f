#!/bin/sh
# Init of the guest: an NFS server on loopback, then the command that the host left, then power off.
# The root is the host's own, read-only; all that is written is in memory, but for /run/host.
set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
trap 'sync; echo o > /proc/sysrq-trigger; sleep 60' EXIT

mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib/nfs
mkdir -p /run/lib /run/rpcbind /run/host /run/karn/export /run/karn/mounts /run/karn/tmp
mount -t hostfs none /run/host -o "$KARN_HOST_FOLDER"

ln -s /usr/lib/uml/modules /run/lib/modules
for module in nfsd nfs nfsv3 nfsv4 veth; do modprobe -d /run "$module"; done
mount -t nfsd nfsd /proc/fs/nfsd

mount -t tmpfs tmpfs /run/karn/export
mkdir /run/karn/export/small
mount -t tmpfs -o size=256k tmpfs /run/karn/export/small
mkdir /var/lib/nfs/sm /var/lib/nfs/sm.bak /var/lib/nfs/v4recovery
touch /var/lib/nfs/etab /var/lib/nfs/rmtab
ip link set lo up
rpcbind -w
rpc.statd --no-notify
exportfs -o rw,no_root_squash,insecure,no_subtree_check,fsid=0 '*:/run/karn/export'
exportfs -o rw,no_root_squash,insecure,no_subtree_check,fsid=1 '*:/run/karn/export/small'
rpc.mountd 2> /dev/null  # it misses IPv6
rpc.nfsd --grace-time 10 --lease-time 10 4
echo Y > /proc/fs/nfsd/v4_end_grace

# NFS 4 takes two mounts of one host for one client, and lets neither know what the other wrote.
for name in here there; do
    ip netns add $name
    ip link add $name type veth peer name eth0 netns $name
done
ip address add 10.0.1.1/24 dev here
ip address add 10.0.2.1/24 dev there
ip -n here address add 10.0.1.2/24 dev eth0
ip -n there address add 10.0.2.2/24 dev eth0
for name in here there; do
    ip link set $name up
    ip -n $name link set eth0 up
done

export TMPDIR=/run/karn/tmp
code=0
sh /run/host/command || code=$?
echo "$code" > /run/host/code
