"""The stories: what a company does, day by day, on its way to a purchase, or to none."""

from typing import Final

from signal_engine.simulation.stories import Beat, Story

EVALUATION: Final = Story(
    "a team evaluates vendors",
    22,
    (
        Beat(0, 9, "wonder", 4),
        Beat(3, 18, "browse", 9),
        Beat(4, 10, "hire_manager", 2),
        Beat(6, 14, "research", 5),
        Beat(8, 18, "read_up", 5),
        Beat(12, 16, "attend", 2),
        Beat(13, 22, "compare", 6),
        Beat(16, 21, "ask_price", 4),
        Beat(21, 22, "ask_demo"),
        Beat(23, 30, "browse", 3),
        Beat(30, 60, "lose_interest", 3),
        Beat(34, 44, "close_posting"),
    ),
)
GROWTH: Final = Story(
    "money comes in, then people, then tools",
    24,
    (
        Beat(0, 1, "raise_money"),
        Beat(3, 9, "hire_executive", 2),
        Beat(5, 16, "hire_manager", 3),
        Beat(5, 16, "hire_anybody", 4),
        Beat(8, 20, "wonder", 4),
        Beat(12, 20, "adopt_tool"),
        Beat(14, 24, "research", 4),
        Beat(12, 26, "browse", 8),
        Beat(16, 24, "read_up", 4),
        Beat(21, 25, "ask_price", 3),
        Beat(27, 29, "welcome_executive"),
        Beat(36, 50, "close_posting", 2),
    ),
)
NEW_LEADER: Final = Story(
    "a new executive clears the table",
    26,
    (
        Beat(0, 2, "lose_executive"),
        Beat(6, 8, "welcome_executive"),
        Beat(10, 16, "promote"),
        Beat(11, 20, "research", 4),
        Beat(12, 25, "browse", 9),
        Beat(14, 22, "drop_tool"),
        Beat(16, 24, "read_up", 4),
        Beat(18, 26, "compare", 5),
        Beat(21, 26, "ask_price", 3),
        Beat(26, 27, "call_us"),
        Beat(29, 31, "hire_manager", 2),
        Beat(35, 60, "lose_interest", 2),
    ),
)
NEW_STACK: Final = Story(
    "the old tool goes, a replacement is looked for",
    20,
    (
        Beat(0, 3, "drop_tool"),
        Beat(2, 12, "research", 5),
        Beat(4, 18, "browse", 8),
        Beat(8, 18, "compare", 5),
        Beat(8, 16, "read_up", 4),
        Beat(10, 14, "sign_up"),
        Beat(14, 19, "ask_price", 3),
        Beat(19, 20, "ask_demo"),
        Beat(23, 26, "raise_money"),
        Beat(30, 38, "switch_tool"),
    ),
)
SECOND_THOUGHTS: Final = Story(
    "hot, silent for a month, then back with a budget",
    62,
    (
        *EVALUATION.beats[:9],
        Beat(52, 60, "compare", 5),
        Beat(54, 61, "browse", 6),
        Beat(55, 61, "read_up", 4),
        Beat(56, 62, "ask_price", 4),
        Beat(57, 60, "welcome_executive"),
        Beat(61, 62, "call_us"),
    ),
)
EARLY_DAYS: Final = Story(
    "reads, and is not ready",
    20,
    (
        Beat(0, 14, "wonder", 4),
        Beat(6, 22, "research", 4),
        Beat(8, 22, "browse", 5),
        Beat(12, 22, "read_up", 2),
        Beat(8, 20, "hire_manager"),
    ),
)
ONE_ENTHUSIAST: Final = Story(
    "one keen person, nobody else",
    14,
    (Beat(0, 20, "champion_browses", 16), Beat(2, 16, "wonder", 2)),
)
OUT_OF_THE_BLUE: Final = Story(
    "asks for a demo before anybody noticed",
    2,
    (Beat(0, 2, "browse", 2), Beat(2, 2.5, "ask_demo"), Beat(8, 20, "open_mail", 4)),
)
BUYING_GROUP: Final = Story(
    "three people of one company on the price list for two weeks",
    16,
    (
        Beat(0, 4, "browse", 4),
        Beat(2, 15, "ask_price_together", 4),
        Beat(6, 15, "read_up", 2),
        Beat(8, 14, "compare", 2),
        Beat(30, 60, "lose_interest", 2),
    ),
)
CHAMPION_MOVES: Final = Story(
    "a champion of ours starts somewhere else",
    3,
    (
        Beat(0, 1, "welcome_champion"),
        Beat(3, 20, "browse", 3),
        Beat(10, 30, "ask_price", 2),
        Beat(12, 24, "research", 2),
    ),
)
COMPETITOR_GOES: Final = Story(
    "what we replace goes, and they look around",
    12,
    (
        Beat(0, 2, "drop_competitor"),
        Beat(3, 14, "compare", 4),
        Beat(4, 16, "ask_price", 3),
        Beat(6, 14, "hire_manager"),
        Beat(15, 30, "browse", 4),
    ),
)
SURGES_ALONE: Final = Story(
    "reads everything about it elsewhere, and never comes by",
    24,
    (Beat(0, 28, "compare", 14), Beat(4, 24, "research", 6), Beat(34, 60, "lose_interest", 4)),
)
ONE_WHO_PAYS: Final = Story(
    "one person looks at the price list again and again, under three titles",
    12,
    (Beat(0, 16, "ask_price_again", 12),),
)
CUSTOMER_ASKS: Final = Story(
    "a customer wants more",
    4,
    (Beat(0, 4, "browse", 3), Beat(3, 4, "call_us"), Beat(6, 20, "browse", 3)),
)
LARGE_FIRM: Final = Story(
    "hires for everything, adopts anything, reads of everything: background",
    30,
    (
        Beat(0, 60, "hire_for_others", 22),
        Beat(0, 60, "adopt_any_tool", 6),
        Beat(0, 60, "skim", 4),
        Beat(0, 60, "close_posting", 6),
    ),
)
CLAMOUR: Final = Story(
    "a company that does not fit wants to know everything",
    21,
    (
        Beat(0, 45, "browse", 30),
        Beat(0, 30, "read_up", 14),
        Beat(4, 30, "research", 9),
        Beat(6, 36, "compare", 14),
        Beat(6, 24, "ask_price", 9),
        Beat(5, 18, "attend", 3),
        Beat(8, 16, "fill_form", 4),
        Beat(10, 28, "ask_demo", 3),
        Beat(12, 26, "call_us", 2),
        Beat(2, 20, "hire_executive", 2),
        Beat(2, 20, "hire_manager", 4),
        Beat(8, 10, "raise_money"),
        Beat(3, 18, "switch_tool", 2),
        Beat(5, 16, "welcome_executive", 2),
    ),
)
