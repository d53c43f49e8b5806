#!/bin/sh
# run.sh GDB PROGRAM SOURCE SCRIPT SCRATCH - the gdb script on a live process and on a core. PROGRAM is built from SOURCE (parked.c).
set -eu
gdb=$1 program=$2 source=$3 script=$4 scratch=$5
mkdir -p "$scratch"

line() {
    grep -n "/[*] $1 [*]/" "$source" | cut -d: -f1
}

fail() {
    echo "$1; gdb said:" >&2
    cat "$output" >&2
    exit 1
}

# Nothing of the user's own; the script's commands once in a thread that is no worker.
look() {
    output=$scratch/$1.txt
    shift
    CHANRT_THREADS=2 "$gdb" -nx -q -batch -ex "set width 0" "$@" >"$output" 2>&1 || fail "gdb failed"
}

commands="$scratch/commands"
cat >"$commands" <<END
source $script
info tasks
echo == one\n
task 1 bt
echo == short\n
task 1 bt 2
echo == locals\n
task 1 info locals
echo == all\n
task all bt
echo == own\n
bt 1
END

expect() {
    grep -qE "$1" "$output" || fail "no line is like '$1'"
}

part() {
    sed -n "/^== $1\$/,/^== /p" "$output"
}

check() {
    expect "^task 1 \[chan receive\] at .*parked.c:$(line receives) on channel made at .*parked.c:$(line made) \(capacity 3\), spawned at .*parked.c:$(line 'spawns the receiver')$"
    expect "^task 2 \[mutex lock\] at .*parked.c:$(line locks), spawned at .*parked.c:$(line 'spawns the locker')$"
    expect "^task 3 \[running\], spawned at .*parked.c:$(line 'spawns the spinner')$"
    # Innermost first, down to the task's function, and numbered from 0.
    part one | tr '\n' ' ' |
        grep -qE '#0 .*(receive_deep .*depth=0.*){1}receive_deep .*depth=1.*receive_deep .*depth=3.* receiver \(.* rt_enter \(' ||
        fail "task 1's backtrace is not that"
    [ "$(part short | grep -c '^#')" = 2 ] || fail "bt 2 has not two frames"
    part all | tr '\n' ' ' | grep -qE 'receiver \(.*task 2 .* locker \(.*task 3 .* spinner \(' ||
        fail "not every task's backtrace"
    part own | grep -q 'all_are_parked (' || fail "the selected frame is not what it was"
}

look live -ex "set disable-randomization off" -ex "break all_are_parked" -ex run -x "$commands" \
    -ex kill "$program"
check
part locals | grep -q '[a-z_]* = ' || fail "no locals"

# The core file is gdb's own, because where the system puts its cores is not ours to know. gdb
# gives up on a mapping that has guards of Linux 6.13 in it; a core written by Linux is whole.
rm -f "$scratch/core"
look dump -ex "set disable-randomization off" -ex "break all_are_parked" -ex "run old" \
    -ex "generate-core-file $scratch/core" -ex kill "$program"
look core -x "$commands" "$program" "$scratch/core"
check
rm -f "$scratch/core"
