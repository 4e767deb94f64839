#!/bin/bash
# Runs one command in a throw-away QEMU guest whose only cgroup hierarchy is v2, and hands back output and exit status.
#
#   guest.sh --kernel DIR [options] -- COMMAND [ARG...]
#
#   --kernel DIR    an unpacked Debian kernel package (has boot/vmlinuz-* and lib/modules/*); --fetch DIR makes one
#   --fetch DIR     download the cloud kernel of this Debian into DIR, unpack it there (no installation), go on with it
#   --root DIR      tree that the guest sees as / (default /); read-only for it, changes live in a tmpfs overlay
#                   (file systems mounted below it are not seen)
#   --chdir DIR     working directory in the guest (default: the present one)
#   --out DIR       shared read-write directory; the guest sees it as /out
#   --mem MIB       memory of the guest (default 2048)       --cpus N   its processors (default 2)
#   --accel MODE    auto, kvm or tcg (default auto: kvm only where kvm_intel or kvm_amd drives it; other
#                   drivers, as in nested or para-virtual clouds, accept a VM and then hang in a stock kernel)
#   --timeout S     the whole guest is ended after S seconds and the status is 124 (default 600)
#   --env NAME=VAL  an environment variable for the command (may be repeated)
#
# How: an initramfs of static busybox and a handful of modules loads virtiofs and overlay, lays a tmpfs over the shared
# tree, mounts proc, sys, devtmpfs and cgroup2, enables every controller for the children of the root group, and runs
# the command there as root. ttyS0 carries stdout and stderr, ttyS1 the exit status. Status 125: the guest
# could not be started or died. Needs root, qemu-system-x86 (>= 5; with virtiofsd) and busybox-static.
set -euo pipefail
fail() { echo "guest.sh: $*" >&2; exit 125; }

kernel='' root=/ dir=$PWD out='' mem=2048 cpus=2 accel=auto limit=600 fetch='' env=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  case $1 in --*) [ $# -ge 2 ] || fail "$1 needs a value";; *) fail "expected an option or --, not '$1'";; esac
  case $1 in
    --kernel) kernel=$2;; --fetch) fetch=$2;; --root) root=$2;; --chdir) dir=$2;; --out) out=$2;; --mem) mem=$2;;
    --cpus) cpus=$2;; --accel) accel=$2;; --timeout) limit=$2;; --env) env+=("$2");; *) fail "unknown option $1";;
  esac; shift 2
done
[ "${1:-}" = -- ] && [ $# -ge 2 ] || fail 'no command: end the options with -- and give one'
shift
[ "$(id -u)" = 0 ] || fail 'run as root (virtiofsd and the read-only bind mount need it)'

if [ -n "$fetch" ] && ! compgen -G "$fetch/boot/vmlinuz-*" >/dev/null; then
  mkdir -p "$fetch"; package=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image-/{print $2; exit}')
  (cd "$fetch" && apt-get download "$package" >&2 && dpkg-deb -x "$package"_*.deb . && rm "$package"_*.deb)
fi
kernel=${kernel:-$fetch}
vmlinuz=$(compgen -G "$kernel/boot/vmlinuz-*" | sort -V | tail -1) || fail "no boot/vmlinuz-* below '$kernel'"
modules=$kernel/lib/modules/${vmlinuz##*/vmlinuz-}
busybox=$(command -v busybox) || fail 'busybox-static is missing'
virtiofsd=/usr/lib/qemu/virtiofsd; [ -x $virtiofsd ] || virtiofsd=/usr/libexec/virtiofsd
[ -x $virtiofsd ] || fail 'virtiofsd is missing'
if [ "$accel" = auto ]; then
  accel=tcg
  if [ -w /dev/kvm ] && { [ -d /sys/module/kvm_intel ] || [ -d /sys/module/kvm_amd ]; }; then accel=kvm; fi
fi
case $accel in  # TCG: a CPU without AVX and fast-string hints is the quickest; QEMU 7.2 breaks cmpxchg16b
  kvm) cpu=host;; *) cpu=Nehalem,-cx16;;
esac

work=$(mktemp -d /tmp/contestbox-guest.XXXXXX); children=()
cleanup() { for p in "${children[@]}"; do kill "$p" 2>/dev/null || true; done; rm -rf "$work"; }
trap cleanup EXIT; trap 'exit 130' INT; trap 'exit 143' TERM

# --- initramfs: modules in an order in which each finds what it needs (modules that the kernel has built in are skipped)
mkdir -p "$work"/i/{bin,m,proc,sys,dev,low,tmp,new} "$work"/share; cp "$busybox" "$work/i/bin/busybox"
[ -s "$modules/modules.dep" ] || depmod -b "$kernel" "${modules##*/}"
need() {  # name -> unpacks what it depends on, then itself, once each
  local line file name
  line=$(grep -m1 -E "(^|/)${1//[-_]/[-_]}\.ko[.a-z]*:" "$modules/modules.dep") || return 0
  for file in $(printf '%s\n' ${line#*:} | tac) "${line%%:*}"; do
    name=${file##*/}; name=${name%%.ko*}.ko; [ ! -e "$work/i/m/$name" ] || continue
    case $file in *.xz) xz -dc "$modules/$file";; *.zst) zstd -qdc "$modules/$file";; *.gz) gzip -dc "$modules/$file";;
      *) cat "$modules/$file";; esac >"$work/i/m/$name"; echo "$name" >>"$work/i/m/order"
  done; }
for module in virtio_pci virtiofs overlay virtio_rng; do need "$module"; done
{ printf 'set --'; printf ' %q' "$@"; echo; for e in "PATH=$PATH" "HOME=/root" "${env[@]}"; do printf 'export %q\n' "$e"; done; printf 'cd %q || exit 125\n' "$dir"; echo 'exec "$@"'; } >"$work/i/cmd"
cat >"$work/i/init" <<'INIT'
#!/bin/busybox sh
b=/bin/busybox
die() { echo "v2guest init: $*"; echo 125 >/dev/ttyS1; $b reboot -f; }
$b mount -t devtmpfs dev /dev; $b stty -F /dev/ttyS0 raw -echo; $b stty -F /dev/ttyS1 raw -echo
exec </dev/null >/dev/ttyS0 2>&1
while read -r m; do $b insmod "/m/$m" || die "module $m"; done </m/order
$b mount -t virtiofs -o ro root /low || die 'no shared root'
$b mount -t tmpfs -o mode=755 tmpfs /tmp; $b mkdir /tmp/up /tmp/wk
$b mount -t overlay -o lowerdir=/low,upperdir=/tmp/up,workdir=/tmp/wk overlay /new || die overlay
cd /new; $b mkdir -p proc sys dev tmp out run
$b mount -t proc proc proc; $b mount -t sysfs sys sys; $b mount -t devtmpfs dev dev
$b mkdir -p dev/pts dev/shm; $b mount -t devpts devpts dev/pts; $b mount -t tmpfs tmpfs dev/shm; $b mount -t tmpfs tmpfs run
$b mount -t cgroup2 none sys/fs/cgroup || die cgroup2
for c in $($b cat sys/fs/cgroup/cgroup.controllers); do echo +$c >sys/fs/cgroup/cgroup.subtree_control; done
$b mount -t virtiofs out out 2>/dev/null
$b ip link set lo up; $b cp /cmd run/v2guest.cmd; $b mkdir run/v2guest; $b cp /bin/busybox run/v2guest/busybox
$b cat >run/v2guest.init <<'SECOND'
echo 1 >/dev/ttyS1
/bin/bash /run/v2guest.cmd; echo $? >/dev/ttyS1
/run/v2guest/busybox sync; /run/v2guest/busybox reboot -f
SECOND
exec $b switch_root /new /bin/bash /run/v2guest.init  # not chroot: a chrooted process may not make user namespaces
INIT
chmod +x "$work/i/init"; (cd "$work/i" && find . | "$busybox" cpio -o -H newc 2>/dev/null) >"$work/initrd"

# --- the shared trees: each virtiofsd in a mount namespace where its source is bound, the root read-only
share() {  # tag directory ro|rw
  unshare -m --propagation private sh -c 'mount --bind "$1" "$2" && mount -o "remount,bind,$3" "$2" && exec "$4" --socket-path="$5" -o source="$2" -o cache=always -o log_level=err' \
    sh "$2" "$work/share" "$3" "$virtiofsd" "$work/$1.sock" 2>"$work/$1.log" &
  children+=($!); qemu+=(-chardev "socket,id=c$1,path=$work/$1.sock" -device "vhost-user-fs-pci,chardev=c$1,tag=$1")
  for _ in $(seq 100); do [ -S "$work/$1.sock" ] && return; sleep 0.02; done; fail "virtiofsd: $(cat "$work/$1.log")"; }
qemu=(qemu-system-x86_64 -M "q35" -accel "$accel" -cpu "$cpu" -smp "$cpus" -m "$mem" -nodefaults -no-user-config -display none
  -no-reboot -object "memory-backend-memfd,id=m,size=${mem}M,share=on" -numa node,memdev=m -device virtio-rng-pci
  -kernel "$vmlinuz" -initrd "$work/initrd" -append 'console=ttyS0 loglevel=0 panic=-1 mitigations=off random.trust_cpu=on'
  -serial stdio -serial "file:$work/status")
share root "$root" ro; if [ -n "$out" ]; then mkdir -p "$out"; share out "$out" rw; fi
code=0; timeout -k 5 "$limit" "${qemu[@]}" </dev/null || code=$?
[ $code != 124 ] || fail_code=124
status=$(sed -n 2p "$work/status" 2>/dev/null | tr -d '\r')
[ -n "$status" ] || { [ "${fail_code:-}" = 124 ] && { echo 'guest.sh: time limit' >&2; exit 124; }; fail "the guest ended without a status (qemu $code)"; }
exit "$status"
