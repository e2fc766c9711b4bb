"""Team: who works here."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class TeamConfig(AppConfig):
    """Knows every part's jobs."""

    name = "muster.team"
    label = "team"

    def ready(self) -> None:
        """Every part's jobs are known before the first one is claimed."""
        import importlib
        import importlib.util
        import pkgutil

        from django.apps import apps

        for part in apps.get_app_configs():
            if not part.name.startswith("muster."):
                continue
            for subject in pkgutil.iter_modules([part.path]):
                name = f"{part.name}.{subject.name}.jobs"
                if (
                    subject.ispkg
                    and name != "muster.team.jobs.jobs"
                    and importlib.util.find_spec(name)
                ):
                    importlib.import_module(name)
        autodiscover_modules("jobs")
