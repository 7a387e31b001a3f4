"""What a mechanic would say is wrong, each with its picture and its ISO 14224 failure mode."""

from dataclasses import dataclass

from aftersales.translate import N_
from aftersales.vocabulary import FailureMode


@dataclass(frozen=True, slots=True)
class Symptom:
    """A symptom to be picked: the mode it stands for, words to be translated, the name of its picture."""

    mode: FailureMode
    words: str
    picture: str


M = FailureMode
SYMPTOMS = (
    Symptom(M.FTS, N_("Does not start"), "does-not-start"),
    Symptom(M.UST, N_("Stops by itself"), "stops"),
    Symptom(M.BRD, N_("Broken"), "broken"),
    Symptom(M.ELU, N_("Leaks"), "leaks"),
    Symptom(M.OHE, N_("Too hot"), "too-hot"),
    Symptom(M.NOI, N_("Strange noise"), "noise"),
    Symptom(M.VIB, N_("Shakes"), "shakes"),
    Symptom(M.LOO, N_("Too weak"), "weak"),
    Symptom(M.ERO, N_("Runs unevenly"), "uneven"),
    Symptom(M.PLU, N_("Blocked"), "blocked"),
    Symptom(M.AIR, N_("Wrong display"), "display"),
    Symptom(M.STP, N_("Does not stop"), "does-not-stop"),
    Symptom(M.OTH, N_("Something else"), "other"),
)

# Modes without a picture of their own: engineers and files use them, pages have to say them too.
OTHER_WORDS = {
    M.ELP: N_("Loses what it carries"),
    M.HIO: N_("Too strong"),
    M.PDE: N_("A value is out of range"),
    M.SER: N_("Small fault"),
    M.UNK: N_("Not known"),
}

BY_MODE = {symptom.mode: symptom for symptom in SYMPTOMS}


def words(mode: FailureMode) -> str:
    """Return the words of a mode, to be translated."""
    return BY_MODE[mode].words if mode in BY_MODE else OTHER_WORDS[mode]
