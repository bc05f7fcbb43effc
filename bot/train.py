"""Train the model into exactly the file that is named: ``python train.py --out FILE.tar.gz``.

Runs in the bot's own environment. The same data gives the same model. Exit code 0: trained; 1: the
data is not valid, and one line on standard error says where.
"""

import argparse
import contextlib
import io
import logging
import os
import sys
import tempfile
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]  # components import from the project's root

from without_tensorflow import leave_out  # noqa: E402


def main() -> int:
    """Check the data, train, move the model to its place."""
    parser = argparse.ArgumentParser(description="Train the bot's model.")
    parser.add_argument("--out", type=Path, required=True, help="the model's file, .tar.gz")
    out = parser.parse_args().out.absolute()
    os.environ |= {
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TQDM_DISABLE": "1",
    }
    os.chdir(HERE)
    logging.captureWarnings(True)  # Rasa's own dependencies warn of each other
    leave_out(HERE / "config.yml")
    logging.disable(logging.WARNING)

    from rasa.model_training import train
    from rasa.shared.exceptions import RasaException
    from rasa.shared.importers.importer import TrainingDataImporter
    from rasa.shared.importers.rasa import RasaFileImporter
    from rasa.utils.log_utils import configure_structlog
    from rasa.validator import Validator

    configure_structlog(logging.WARNING)

    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".training-") as folder:
        try:
            # Rasa reads all files again for each way in which it asks for what is in them.
            RasaFileImporter.get_nlu_data = cache(RasaFileImporter.get_nlu_data)
            importer = TrainingDataImporter.load_from_config("config.yml", "domain", ["data"])
            validator = Validator.from_importer(importer)
            importer.get_nlu_data = lambda **_: validator.intents
            logging.disable(logging.NOTSET)
            checks = (
                validator.verify_domain_validity,
                validator.verify_intents,
                lambda: validator.verify_example_repetition_in_intents(ignore_warnings=False),
                validator.verify_actions_in_stories_rules,
                validator.verify_forms_in_stories_rules,
                validator.verify_form_slots,
                validator.verify_slot_mappings,
                validator.verify_story_structure,
            )
            fits = [check() for check in checks]  # all of them: each says what it found
            if not all(fits):
                return _fail("the training data and the domain do not fit; see above")
            logging.disable(logging.WARNING)
            # What has just been read and checked.
            TrainingDataImporter.load_from_config = staticmethod(lambda *_, **__: importer)
            with contextlib.redirect_stdout(io.StringIO()):
                # Rasa's cache does not see a change in what a component imports.
                result = train("domain", "config.yml", ["data"], output=folder, force_training=True)
        except (RasaException, ValueError) as error:
            return _fail(" ".join(str(error).split()))
        if not result.model:
            return _fail("no model came out")
        Path(result.model).replace(out)
    return 0


def _fail(why: str) -> int:
    sys.stderr.write(f"bot: training failed: {why}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
