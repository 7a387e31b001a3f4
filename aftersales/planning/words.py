"""Classes, phases, methods and sources of demand in words a planner uses; catalogue keys in English."""

from collections.abc import Mapping

from aftersales.translate import N_

CLASSES: Mapping[str, tuple[str, str]] = {
    "smooth": (N_("Smooth"), N_("Asked for nearly every month, in amounts much alike.")),
    "intermittent": (N_("Intermittent"), N_("Months without demand in between, amounts much alike.")),
    "erratic": (N_("Erratic"), N_("Asked for nearly every month, in amounts that differ widely.")),
    "lumpy": (N_("Lumpy"), N_("Months without demand in between, and amounts that differ widely.")),
    "no demand": (N_("No demand"), N_("Never asked for in the months we know.")),
    "new": (N_("New"), N_("Known for less than six months: its own numbers say nothing yet.")),
}
PHASES: Mapping[str, str] = {
    "launch": N_("Young: known or asked for less than a year"),
    "mature": N_("In the middle of its life"),
    "run-down": N_("Running down: asked for clearly less often than in the years before"),
    "dead": N_("Dead: not asked for in two years or more"),
}
PHASES_IN_SHORT: Mapping[str, str] = {
    "launch": N_("Young"),
    "mature": N_("In the middle of its life"),
    "run-down": N_("Running down"),
    "dead": N_("Dead"),
}
METHODS: Mapping[str, tuple[str, str]] = {
    "pooled": (
        N_("Learned from the catalogue"),
        N_("How much is asked for after histories like this one, learned from all parts with the same lead time."),
    ),
    "no demand": (
        N_("Never demanded yet"),
        N_("How often parts that were never asked for are asked for the first time, learned from the catalogue."),
    ),
    "zero": (N_("Nothing"), N_("No demand at all: the yardstick beside every other method.")),
    "naive": (N_("Last month again"), N_("As much as in the last known month.")),
    "mean": (N_("Mean of all months"), N_("The mean of all months we know.")),
    "mean-recent": (N_("Mean of the last year"), N_("The mean of the last twelve months.")),
    "ses": (N_("Exponential smoothing"), N_("A mean in which newer months weigh more.")),
    "ses-best": (N_("Exponential smoothing, tuned"), N_("A mean in which newer months weigh more, tuned to the part.")),
    "croston": (N_("Croston"), N_("How much and how often are smoothed apart.")),
    "sba": (
        N_("Syntetos-Boylan"),
        N_("How much and how often are smoothed apart, without Croston's forecast being too high."),
    ),
    "tsb": (
        N_("Teunter-Syntetos-Babai"),
        N_("How much and the chance of a demand are smoothed apart; the chance falls in every month without one."),
    ),
    "adida": (N_("Aggregated"), N_("Smoothed over longer periods, then spread over the months.")),
    "imapa": (N_("Aggregated at several lengths"), N_("Smoothed over periods of several lengths, then averaged.")),
    "seasonal-mean": (N_("Mean by month of the year"), N_("The mean of the same month in the years before.")),
    "causal": (
        N_("From the machines"),
        N_("Services that fall due and failures to be expected from the age and use of every unit in the machines."),
    ),
    "rate x base": (
        N_("Failure rate times machines"),
        N_("How often a machine needs it, times the machines at work: too few are known to tell how long units live."),
    ),
    "history and fleet": (
        N_("From the machines and from history"),
        N_("The mean of what the machines and what past demand let expect: together they did best on past months."),
    ),
    "holt-winters": (N_("Holt-Winters"), N_("Level, trend and season, each smoothed (additive, damped).")),
}
SOURCES: Mapping[str, str] = {
    "consumption": N_("Issued from stock"),
    "return": N_("Came back unused"),
    "replacement": N_("Replaced in a machine without a stock issue"),
    "failure": N_("Failed and not replaced yet"),
    "superseded": N_("Demand for the parts it replaces"),
}
IMPORTED = "imported: "
ALARMS: Mapping[str, str] = {"low": N_("Forecasts too low"), "high": N_("Forecasts too high")}
CHOSEN: Mapping[str, str] = {
    "history": N_("Of parts with this kind of demand, past demand alone foretold best what came."),
    "fleet": N_("Of parts with this kind of demand, the machines foretold best what came."),
    "both": N_("Of parts with this kind of demand, past demand and machines together foretold best what came."),
}
VERDICTS: Mapping[str, str] = {"forecast": N_("This forecast"), "naive": N_("Last month again"), "zero": N_("Nothing")}


def class_word(name: str) -> str:
    """Return a demand class as a catalogue key."""
    return CLASSES.get(name, (name, ""))[0]


def class_meaning(name: str) -> str:
    """Return what a demand class means, as a catalogue key."""
    return CLASSES.get(name, ("", ""))[1]


def phase_word(name: str) -> str:
    """Return a phase of life as a catalogue key."""
    return PHASES.get(name, name)


def phase_short(name: str) -> str:
    """Return a phase of life in a word or two, as a catalogue key."""
    return PHASES_IN_SHORT.get(name, name)


def alarm_word(name: str) -> str:
    """Return what an alarm says, as a catalogue key."""
    return ALARMS.get(name, name)


def method_word(name: str) -> str:
    """Return a method's name as a catalogue key."""
    return METHODS.get(name, (name, ""))[0]


def method_meaning(name: str) -> str:
    """Return what a method does, as a catalogue key."""
    return METHODS.get(name, ("", ""))[1]


def source_word(name: str) -> tuple[str, str]:
    """Return a source of demand as a catalogue key, and the name of the other system for an imported one."""
    if name.startswith(IMPORTED):
        return N_("Imported from %(name)s"), name.removeprefix(IMPORTED)
    return SOURCES.get(name, name), ""


def chosen_word(name: str) -> str:
    """Return what foretold best, as a catalogue key."""
    return CHOSEN.get(name, name)


def verdict_word(name: str) -> str:
    """Return the name of a line of a comparison as a catalogue key."""
    return VERDICTS.get(name, name)
