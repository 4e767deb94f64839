"""A fingerprint as words, so that two people can compare it aloud.

Each word stands for one byte. Ten words are 80 bits of a SHA-256: who wanted to make another certificate with the same
words would have to try 2^80 of them.
"""

from __future__ import annotations

WORDS_SHOWN = 10

WORDS = tuple(
    """
    acorn actor album alpha amber angle apple april arrow aspen atlas attic autumn axle badge bagel
    baker bamboo banana barn basin basket beach bean bear beetle bell bench berry bishop blanket bonfire
    book boot bottle bowl bread brick bridge broom brother bucket button cabin cactus camel canal candle
    canoe carpet carrot castle cedar cellar chair chalk cherry chess chimney circus clay cliff clock clover
    cobalt coffee comet compass copper coral corner cotton cousin cradle crane cricket crown crystal cup curtain
    daisy dancer deer desert diamond dinner doctor dolphin donkey door dragon drum duck eagle earth echo
    elbow elephant ember engine falcon farmer feather fern fiddle finger fish flag flame flute forest fork
    fossil fountain fox frog garden garlic gate giant ginger giraffe glass globe glove goat gold granite
    grape guitar hammer harbor harp hat hazel hedge helmet heron hill honey horse hotel ice igloo
    iron island ivory jacket jade jam jelly jewel juice jungle kettle kitchen kite knight ladder lake
    lamp lantern laser lemon lily linen lion lizard magnet mango maple marble market mask meadow melon
    mill mirror monkey moon moss motor mountain museum nail needle nest ninja novel oak oasis ocean
    olive onion opera orange orbit orchid otter owl oyster paint palace panda paper parrot peach pearl
    pencil penguin pepper piano pigeon pillow pilot pine planet plum pocket poem pony potato prince pumpkin
    puzzle quartz queen rabbit radio rain raven ribbon ring river robot rocket rope rose ruby saddle
    sailor salad salmon scarf school shell shoe silver singer sister snow spider spoon square stone sugar
    """.split()  # noqa: SIM905  sixteen by sixteen is easier to look over
)


def spoken(digest: bytes) -> tuple[str, ...]:
    """The words of the first ten bytes of a digest."""
    return tuple(WORDS[byte] for byte in digest[:WORDS_SHOWN])
