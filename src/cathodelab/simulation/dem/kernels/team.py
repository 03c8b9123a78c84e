# mypy: ignore-errors
# the bodies below are Warp's language, compiled by Warp with its own strict types; Python's types do not describe them
"""Threads of a CPU inside one launch: they wait for each other, and take blocks to work on until none is left."""

import warp as wp


@wp.struct
class Team:
    """One of some threads, and the first of the blocks that are its own."""

    thread: wp.int32
    threads: wp.int32
    first: wp.int32
    give_way: wp.int64  # address of the system's function that lets another thread run


# a number of meetings so far at 16, who waits at 0, and from 32 on the last work on each block: each in its line of the cache
_MEET = """
    if (threads > 1) {
        const int turn = __atomic_load_n(gate.data + 16, __ATOMIC_ACQUIRE);
        if (__atomic_add_fetch(gate.data, 1, __ATOMIC_ACQ_REL) == threads) {
            __atomic_store_n(gate.data, 0, __ATOMIC_RELAXED);
            __atomic_store_n(gate.data + 16, turn + 1, __ATOMIC_RELEASE);
        } else {
            // the others are some microseconds away unless the system has put one aside: then it needs this core
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
def meet(gate: wp.array(dtype=wp.int32), threads: wp.int32, give_way: wp.int64):
    """Wait until all threads are here."""


@wp.func_native(_TAKE)
def take(gate: wp.array(dtype=wp.int32), lane: wp.int32, threads: wp.int32) -> wp.int32:
    """Whether no thread has taken this block since the last meeting; then it is taken."""


@wp.func
def in_turn(team: Team, turn: wp.int32, lanes: wp.int32) -> wp.int32:
    """The block a thread asks for at this turn: first its own, then those of the others."""
    lane = team.first + turn
    if lane >= lanes:
        lane = lane - lanes
    return lane


def gate_size(lanes: int) -> int:
    """Places a gate needs."""
    return 32 + 16 * lanes
