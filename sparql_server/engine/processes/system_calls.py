"""System calls that a worker has no use for, and which whoever took it over would have."""

from __future__ import annotations

import errno
import os

from sparql_server.engine.processes.seccomp import Call, Refuse

BEYOND = 470
"""Calls from this number on are newer than what stands here."""

_CLONE_THREAD = 0x00010000
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | 0o20000000  # O_TMPFILE
_SHARED_OF_NO_FILE = 0x01 | 0x20  # MAP_SHARED, MAP_ANONYMOUS
_OWNERS = (8, 10, 15, 1024, 1026)  # F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY
# FIOSETOWN, SIOCSPGRP; TIOCSPGRP, TIOCSTI, TIOCLINUX of a terminal; FS_IOC_SETFLAGS
_CONTROLS = (0x8901, 0x8902, 0x5410, 0x5412, 0x541C, 0x40086602)
_INTERNET = (2, 10, 16)  # AF_INET, AF_INET6; AF_NETLINK, by which names are looked up
_OF_ITSELF = (1, 4)  # PR_SET_PDEATHSIG, PR_SET_DUMPABLE


def _numbered(table: str) -> dict[str, Call]:
    """Return calls by name, from their numbers on x86-64 and ARM64; a dash: it isn't there.

    They stand in asm/unistd_64.h and in asm-generic/unistd.h.
    """
    rows = [row.split() for row in table.strip(" ,\n").split(",")]
    return {name: Call((_number(first), _number(second))) for name, first, second in rows}


def _number(written: str) -> int | None:
    return None if written == "-" else int(written)


# Which open sockets.
_NETWORK = _numbered(
    """
    socket 41 198, io_uring_setup 425 425,
    """
)

# Which change files or what is said of them, or open them past their permissions.
_FILES = _numbered(
    """
    creat 85 -, truncate 76 45, rename 82 -, renameat 264 38, renameat2 316 276, link 86 -,
    linkat 265 37, symlink 88 -, symlinkat 266 36, unlink 87 -, unlinkat 263 35, mkdir 83 -,
    mkdirat 258 34, rmdir 84 -, mknod 133 -, mknodat 259 33, chmod 90 -, fchmod 91 52,
    fchmodat 268 53, fchmodat2 452 452, chown 92 -, fchown 93 55, lchown 94 -, fchownat 260 54,
    utime 132 -, utimes 235 -, futimesat 261 -, utimensat 280 88, setxattr 188 5,
    lsetxattr 189 6, fsetxattr 190 7, setxattrat 463 463, removexattr 197 14,
    lremovexattr 198 15, fremovexattr 199 16, removexattrat 466 466, file_setattr 469 469,
    flock 73 32, name_to_handle_at 303 264, open_by_handle_at 304 265, fanotify_init 300 262,
    inotify_init 253 -, inotify_init1 294 26,
    """
)

# Which make other processes, or reach them.
_PROCESSES = _numbered(
    """
    execve 59 221, execveat 322 281, fork 57 -, vfork 58 -, tkill 200 130,
    rt_sigqueueinfo 129 138, rt_tgsigqueueinfo 297 240, pidfd_open 434 434,
    pidfd_send_signal 424 424, pidfd_getfd 438 438, ptrace 101 117, process_vm_readv 310 270,
    process_vm_writev 311 271, process_madvise 440 440, process_mrelease 448 448, kcmp 312 272,
    sched_setaffinity 203 122, sched_setscheduler 144 119, sched_setparam 142 118,
    sched_setattr 314 274, setpriority 141 140, ioprio_set 251 30, migrate_pages 256 238,
    move_pages 279 239,
    """
)

# Which give memory that isn't counted as the process's own.
_SHARED = _numbered(
    """
    memfd_create 319 279, memfd_secret 447 447, shmget 29 194, shmat 30 196, semget 64 190,
    msgget 68 186, mq_open 240 180,
    """
)

# Which are for administrators, or have been the way of many exploits.
_KERNEL = _numbered(
    """
    io_uring_enter 426 426, io_uring_register 427 427, io_setup 206 0, bpf 321 280,
    perf_event_open 298 241, userfaultfd 323 282, keyctl 250 219, add_key 248 217,
    request_key 249 218, mount 165 40, umount2 166 39, pivot_root 155 41, chroot 161 51,
    move_mount 429 429, open_tree 428 428, open_tree_attr 467 467, fsopen 430 430,
    fsconfig 431 431, fsmount 432 432, fspick 433 433, mount_setattr 442 442, setns 308 268,
    unshare 272 97, personality 135 92, init_module 175 105, finit_module 313 273,
    delete_module 176 106, kexec_load 246 104, kexec_file_load 320 294, reboot 169 142,
    swapon 167 224, swapoff 168 225, acct 163 89, quotactl 179 60, quotactl_fd 443 443,
    syslog 103 116, sethostname 170 161, setdomainname 171 162, settimeofday 164 170,
    clock_settime 227 112, adjtimex 159 171, clock_adjtime 305 266, vhangup 153 58,
    """
)

# Whose arguments decide.
_PARTLY = _numbered(
    """
    open 2 -, openat 257 56, openat2 437 437, clone 56 220, clone3 435 435, mmap 9 222,
    fcntl 72 25, ioctl 16 29, prctl 157 167, kill 62 129, tgkill 234 131, prlimit64 302 261,
    """
)


def refuse_network() -> list[Refuse]:
    """Return the rules of a process that opens no socket."""
    return [Refuse(call) for call in _NETWORK.values()]


def refuse_others(own: int) -> list[Refuse]:
    """Return the rules of a process that reads files and computes. own: its number.

    It can have threads, but no child; and signal itself, as ``abort`` does, but nobody else.
    """
    call = _PARTLY
    never = _FILES | _PROCESSES | _SHARED | _KERNEL
    return [
        Refuse(call["mmap"], argument=3, every=_SHARED_OF_NO_FILE),
        Refuse(call["open"], argument=1, any_of=_WRITING),
        Refuse(call["openat"], argument=2, any_of=_WRITING),
        Refuse(call["openat2"], errno.ENOSYS),  # its flags can't be looked at
        Refuse(call["clone"], but=_CLONE_THREAD),
        Refuse(call["clone3"], errno.ENOSYS),  # nor can these; the C library has the other one
        Refuse(call["kill"], only_not=(own,)),
        Refuse(call["tgkill"], only_not=(own,)),
        Refuse(call["prlimit64"], only_not=(0, own)),
        Refuse(call["fcntl"], argument=1, only=_OWNERS),
        Refuse(call["ioctl"], argument=1, only=_CONTROLS),
        Refuse(call["prctl"], only=_OF_ITSELF),
        Refuse(_NETWORK["socket"], only_not=_INTERNET),
        *[Refuse(call) for call in never.values()],
    ]
