# shellcheck shell=bash
# Emulated ARM guests for the tests. Source this; it defines functions only.
#
#   vm_build armhf|arm64 [bookworm|bullseye]
#                          fetch and make what a guest boots from; quick when it is there
#   vm_start [OPTIONS]     boot, with further options for QEMU; returns when the guest
#                          takes commands
#   vm_run SECONDS TEXT    run TEXT by the guest's shell, as root; print what it prints,
#                          return its status; 124: not done in time, 125: the guest is gone
#   vm_monitor TEXT        one command of QEMU's monitor; prints the answer
#   vm_cut                 pull the plug
#   vm_stop                power off in order
#
# The guest sees the folder $VM_SHARE as /host. Its console is in $VM_DIR/console.
# One guest for each shell process; another one takes a subshell.
#
# The guest's programs are those of the named architecture. The kernel is the arm64 one
# for both: it runs 32-bit programs, boots fastest, and the kvaser_pci CAN controller works
# with it (the 32-bit kernel of Debian is built without I/O ports, which that needs).
# uname -m therefore says aarch64 in every guest.

VM_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
VM_TOP=$(cd "$VM_HERE/../.." && pwd)
VM_CACHE=${VM_CACHE:-$VM_TOP/build/vm}

# shellcheck disable=SC2034 # for apt.sh
APT_CACHE=$VM_CACHE
# shellcheck source=ext/cross/apt.sh
. "$VM_TOP/ext/cross/apt.sh"
# shellcheck source=tests/vm/lib_image.sh
. "$VM_HERE/lib_image.sh"
# shellcheck source=tests/vm/lib_boot.sh
. "$VM_HERE/lib_boot.sh"
