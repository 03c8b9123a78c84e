# mypy: ignore-errors
# Warp compiles the functions below with strict types of its own, which Python's types do not describe
"""Threads of a CPU inside one launch: they wait for each other, and claim blocks to work on until none is left."""

import warp as wp


@wp.struct
class ThreadTeam:
    """One thread of a team, and the first of its own blocks."""

    thread: wp.int32
    threads: wp.int32
    first: wp.int32
    give_way: wp.int64  # address of the system's function that lets another thread run


# at 16 the number of barriers so far, at 0 who waits, from 32 on the last claim of each block: each in a cache line of its own
_MEET = """
    if (threads > 1) {
        const int turn = __atomic_load_n(gate.data + 16, __ATOMIC_ACQUIRE);
        if (__atomic_add_fetch(gate.data, 1, __ATOMIC_ACQ_REL) == threads) {
            __atomic_store_n(gate.data, 0, __ATOMIC_RELAXED);
            __atomic_store_n(gate.data + 16, turn + 1, __ATOMIC_RELEASE);
        } else {
            // the others arrive within microseconds, unless the system has suspended one: then it needs this core
            for (int spins = 0; __atomic_load_n(gate.data + 16, __ATOMIC_ACQUIRE) == turn; ++spins) {
                if (spins < 4000) {
#if defined(__x86_64__)
                    __builtin_ia32_pause();
#endif
                } else {
                    reinterpret_cast<wp::int32 (*)(void)>(give_way)();
                }
            }
        }
    }
"""

_TAKE = """
    if (threads == 1) return 1;
    const int turn = __atomic_load_n(gate.data + 16, __ATOMIC_RELAXED) + 1;
    return __atomic_exchange_n(gate.data + 32 + 16 * lane, turn, __ATOMIC_RELAXED) != turn;
"""


@wp.func_native(_MEET)
def wait_for_all(gate: wp.array(dtype=wp.int32), threads: wp.int32, give_way: wp.int64):
    """Wait until all threads are here."""


@wp.func_native(_TAKE)
def claim_block(gate: wp.array(dtype=wp.int32), lane: wp.int32, threads: wp.int32) -> wp.int32:
    """Claim a block unless another thread has claimed it since the last barrier; returns whether it is ours."""


@wp.func
def block_at_turn(team: ThreadTeam, turn: wp.int32, lanes: wp.int32) -> wp.int32:
    """The block that a thread asks for at this turn: first its own, then those of the others."""
    lane = team.first + turn
    if lane >= lanes:
        lane = lane - lanes
    return lane


def gate_size(lanes: int) -> int:
    """Number of places that a gate needs."""
    return 32 + 16 * lanes
