"""A site: one folder with forms, the inbox, the archive and the store of one council or library service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from sqlite_utils import Database

from pipeline.form.authoring.source import MOST_LEVELS, DefinitionError
from pipeline.form.definition import FormDefinition
from pipeline.form.normal import tidy_postcode
from pipeline.store.database import open_store
from pipeline.store.up_to_date import bring_up_to_date


class SiteError(Exception):
    """The site's folder or settings are not as they must be; the message says what to do."""


class UnknownFormError(SiteError):
    """A form was named that this site does not have."""


class UnknownAnswerError(SiteError):
    """A response or a variable of it was named that is not on record."""


class WrongDefinitionError(SiteError):
    """A form's definition has errors; the message lists every one of them."""


class Settings(BaseModel):
    """What `site.yaml` may say. Every key may be left out, and so may the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = "main"
    timezone: str = "Europe/London"
    settle_seconds: float = Field(default=5.0, ge=0)
    """How long a file must stay unchanged before it is taken: slow scanners pause for two or three between pages."""

    allowance_per_minute: int = Field(default=2400, ge=60)
    """What one connection may ask of the residents' pages in a minute: 1 for a page or file, 4 for each page sent,
    20 more for each code that is nobody's. So sixty people behind one connection, as in a library, may fill in forms at
    once."""

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, timezone: str) -> str:
        if timezone not in available_timezones():
            raise ValueError("is not a time zone's name, such as Europe/London")
        return timezone


@dataclass(frozen=True, slots=True)
class Site:
    """The places in a site's folder `root`, and its settings."""

    root: Path
    settings: Settings

    @property
    def forms(self) -> Path:
        """Where the form definitions are, one YAML file each."""
        return self.root / "forms"

    @property
    def inbox(self) -> Path:
        """The hot folder that scanners write to."""
        return self.root / "scanner_inbox"

    @property
    def archive(self) -> Path:
        """Where originals are kept, by their hash."""
        return self.root / "archive"

    @property
    def store(self) -> Path:
        """The SQLite file that holds the record."""
        return self.root / "pillarbox.db"

    @property
    def private(self) -> Path:
        """What is nobody else's business: staff accounts and sessions."""
        return self.root / "private"

    def open_store(self) -> Database:
        """Open the record, creating it at first use and bringing it up to date. Raises StoreError."""
        db = open_store(self.store, self.settings.name)
        bring_up_to_date(db)
        return db

    def local_date(self, moment: datetime) -> str:
        """Return the local date of a moment, ISO 8601."""
        return moment.astimezone(self.zone).date().isoformat()

    @property
    def zone(self) -> ZoneInfo:
        """The time zone the site's people live by."""
        return ZoneInfo(self.settings.timezone)


def open_site(root: Path) -> Site:
    """Open the site in the folder `root`. Raises SiteError when its settings are wrong."""
    if not root.is_dir():
        raise SiteError(f"There is no folder {root}. Make it, or name another with --site.")
    settings = root / "site.yaml"
    return Site(root, _read_settings(settings) if settings.exists() else Settings())


def form_names(site: Site) -> tuple[str, ...]:
    """Return the names of the site's forms, in alphabetical order."""
    return tuple(sorted(path.stem for path in site.forms.glob("*.yaml") if path.is_file()))


def read_form(site: Site, name: str) -> FormDefinition | tuple[DefinitionError, ...]:
    """Read one definition, or return all that is wrong with it. Raises UnknownFormError."""
    # What reads definitions takes a while to load, and most commands read none: the record has what was printed.
    from pipeline.form.parse import parse_definition

    text = definition_text(site, name)
    return parse_definition(text, name) if isinstance(text, str) else (text,)


def definition_text(site: Site, name: str) -> str | DefinitionError:
    """Return what is written in the file of one definition, or why it is no text. Raises UnknownFormError."""
    if name not in form_names(site):
        known = ", ".join(form_names(site)) or "none yet"
        raise UnknownFormError(f"There is no form “{name}” in {site.forms}. The forms there are: {known}.")
    path = site.forms / f"{name}.yaml"
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return DefinitionError(path.name, line, "the file is not saved as UTF-8.", "Save it again and choose UTF-8.")
    except OSError as error:
        why = f"the file cannot be read ({error.strerror})."
        return DefinitionError(path.name, 1, why, "Let everybody who uses this site read it.")


def load_form(site: Site, name: str) -> FormDefinition:
    """Return one definition. Raises UnknownFormError, and WrongDefinitionError with every error found."""
    read = read_form(site, name)
    if isinstance(read, FormDefinition):
        return read
    raise WrongDefinitionError("\n".join(str(error) for error in read))


def load_forms(site: Site) -> dict[str, FormDefinition]:
    """Return every definition of the site that is right, by name; `check` tells about the others."""
    return {name: form for name, form in read_forms(site).items() if isinstance(form, FormDefinition)}


def read_forms(site: Site) -> dict[str, FormDefinition | tuple[DefinitionError, ...]]:
    """Return every definition of the site, or all that is wrong with it, by name."""
    return {name: read_form(site, name) for name in form_names(site)}


def read_postcodes(path: Path) -> frozenset[str]:
    """Read UK postcodes, one a line, in whatever spelling. Raises SiteError with the lines that are none."""
    lines = [line.strip() for line in read_words(path).splitlines()]
    read = {number: tidy_postcode(line) for number, line in enumerate(lines, 1) if line}
    wrong = [number for number, postcode in read.items() if postcode is None]
    if wrong:
        shown = ", ".join(f"line {number} (“{lines[number - 1]}”)" for number in wrong[:5])
        raise SiteError(f"{path}: {len(wrong)} lines are not UK postcodes, such as {shown}. Correct or remove them.")
    if not read:
        raise SiteError(f"{path} holds no postcodes, so those known before stay.")
    return frozenset(postcode for postcode in read.values() if postcode)


def _read_settings(path: Path) -> Settings:
    yaml = YAML(typ="safe", pure=True)
    yaml.max_depth = MOST_LEVELS
    try:
        return Settings.model_validate(yaml.load(read_words(path)) or {})
    except YAMLError as error:
        raise SiteError(f"{path} is not readable as YAML: {error}") from error
    except ValidationError as error:
        wrong = "; ".join(" ".join((*map(str, item["loc"]), item["msg"])) for item in error.errors())
        wrong = wrong.replace("Value error, ", "").replace("or instance of Settings", "of keys")
        raise SiteError(f"{path}: {wrong}. The keys are {', '.join(Settings.model_fields)}.") from error


def read_words(path: Path) -> str:
    """Read a text file. Raises SiteError when it is not saved as UTF-8."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SiteError(f"{path} is not saved as UTF-8. Save it again and choose UTF-8.") from error
