"""Everything the environment can set, read once at start; a wrong value stops the start with a clear message."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from environs import Env, EnvError

from aftersales.errors import Invalid


@dataclass(frozen=True, slots=True)
class Settings:
    """How this installation runs.

    Each field's variable is ``AFTERSALES_`` and its name in capitals; ``PORT`` and ``HOST`` stand alone.
    """

    var: Path
    database_url: str
    public_url: str
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    redis_url: str | None = None
    smtp_url: str | None = None
    mail_from: str = "aftersales@localhost"
    signing_key: Path | None = None
    signing_passphrase: str | None = None
    session_days: int = 14
    secure_cookies: bool = False
    trusted_proxies: int = 0

    @property
    def files(self) -> Path:
        """Where photos, documents and papers lie, by content hash."""
        return self.var / "files"

    @property
    def secrets(self) -> Path:
        """Where the installation's own keys lie (cookies, audit chain, paper signature)."""
        return self.var / "secrets"

    @staticmethod
    def from_env() -> "Settings":
        """Read the settings from the environment.

        :raises Invalid: when a variable has an impossible value; the message names it.
        """
        env = Env()
        try:
            var = Path(env.str("AFTERSALES_VAR", "var")).resolve()
            port = env.int("PORT", 8000)
            host = env.str("HOST", "127.0.0.1")
            settings = Settings(
                var=var,
                database_url=env.str("AFTERSALES_DATABASE_URL", "") or f"sqlite:///{var / 'aftersales.db'}",
                public_url=(env.str("AFTERSALES_PUBLIC_URL", "") or f"http://{host}:{port}").rstrip("/"),
                host=host,
                port=port,
                workers=env.int("AFTERSALES_WORKERS", 2),
                redis_url=env.str("AFTERSALES_REDIS_URL", "") or None,
                smtp_url=env.str("AFTERSALES_SMTP_URL", "") or None,
                mail_from=env.str("AFTERSALES_MAIL_FROM", "aftersales@localhost"),
                signing_key=env.path("AFTERSALES_SIGNING_KEY", None),
                signing_passphrase=env.str("AFTERSALES_SIGNING_PASSPHRASE", "") or None,
                session_days=env.int("AFTERSALES_SESSION_DAYS", 14),
                secure_cookies=env.bool("AFTERSALES_SECURE_COOKIES", default=False),
                trusted_proxies=env.int("AFTERSALES_TRUSTED_PROXIES", 0),
            )
        except EnvError as error:
            raise Invalid("The environment is wrong: %(problem)s", problem=str(error)) from error
        return settings.checked()

    def checked(self) -> "Settings":
        """Return the settings when they make sense.

        :raises Invalid: naming the variable that does not.
        """
        if not 1 <= self.port <= 65535:
            raise Invalid("PORT must be between 1 and 65535, not %(port)s", port=self.port)
        if self.workers < 1:
            raise Invalid("AFTERSALES_WORKERS must be at least 1, not %(workers)s", workers=self.workers)
        if urlsplit(self.public_url).scheme not in {"http", "https"}:
            raise Invalid("AFTERSALES_PUBLIC_URL must begin with http:// or https://, not %(url)s", url=self.public_url)
        if not self.database_url.startswith(("sqlite:", "postgresql")):
            raise Invalid("AFTERSALES_DATABASE_URL must be a sqlite or postgresql address")
        return self
