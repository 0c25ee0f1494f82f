"""Which library a file's records look like. Pure.

A name for people; nothing is decided by it.
"""

from karn_view.formats.document import Document
from karn_view.formats.foreign import Meaning
from karn_view.record import Record

TEXT = "text"
_LOOKED_AT = 200

# Top-level keys that a library writes together and hardly anybody else does.
_SIGNS = {
    "Stable-Baselines3": {"time/total_timesteps"},
    "openai/baselines": {"misc/total_timesteps"},
    "Ray Tune": {"training_iteration", "time_total_s", "timesteps_total"},
    "Ray": {"training_iteration", "trial_id"},
    "LLaMA-Factory": {"current_steps", "total_steps", "percentage"},
    "ms-swift": {"global_step/max_steps"},
    "Hugging Face Trainer": {"step", "epoch", "grad_norm", "learning_rate", "loss"},
    "DINOv2": {"iteration", "iter_time"},
    "detectron2": {"iteration", "data_time", "time", "lr"},
    "MMEngine": {"step", "iter", "data_time", "time"},
    "MMCV": {"mode", "epoch", "iter"},
    "fairseq": {"num_updates", "wps", "gnorm"},
    "fairseq2": {"Step", "Time"},
    "lingua": {"global_step", "acc_step", "created_at"},
    "torchtitan": {"log_type_name", "relative_step"},
    "StyleGAN": {"Progress/kimg", "Progress/tick"},
    "OpenTelemetry metrics": {"resourceMetrics"},
    "OpenTelemetry logs": {"resourceLogs"},
    "loguru": {"text", "record"},
    "trackio": {"kind", "run", "metrics"},
    "tinker-cookbook": {"progress/done_frac", "optim/lr"},
    "Weights & Biases history": {"_step", "_timestamp"},
    "spaCy": {"losses", "scores"},
    "verl": {"step", "data"},
    "DeiT, MAE, DINO": {"train_lr", "train_loss", "epoch"},
    "python-json-logger": {"asctime", "levelname", "name", "message"},
    "structlog": {"event", "level", "timestamp"},
}


class Origin:
    """Looks for signs in the first lines."""

    def __init__(self) -> None:
        self._records = 0
        self._texts = 0
        self._named: tuple[str, str] | None = None

    @property
    def name(self) -> str:
        """The library, else what kind of file it is."""
        if self._named is not None:
            return self._named[0]
        return TEXT if self._texts > self._records else "JSON lines"

    @property
    def reason(self) -> str:
        """The sign, in a sentence."""
        if self._named is not None:
            return self._named[1]
        if self._texts <= self._records:
            return "its lines are JSON objects"
        return f"{self._texts} of the first {self._texts + self._records} lines are no JSON"

    @property
    def is_looking(self) -> bool:
        """Whether more lines would be looked at."""
        return self._records + self._texts < _LOOKED_AT

    def note(self, meaning: Meaning, record: Record) -> None:
        """Takes note of a record."""
        self._records += 1
        if self._named is None and meaning.kind != "text":
            self._look(record)

    def note_text(self) -> None:
        """Takes note of a line that is no object."""
        self._texts += self.is_looking

    def note_document(self, document: Document) -> None:
        """Takes note of a document of many lines."""
        if document.entries and not document.is_wrong:
            told = f"one indented document; a list in it holds {document.entries} records"
            self._named = "JSON document", told

    def _look(self, record: Record) -> None:
        for name, keys in _SIGNS.items():
            if keys <= record.keys():
                self._named = name, f"its records have {', '.join(sorted(keys))}"
                return
