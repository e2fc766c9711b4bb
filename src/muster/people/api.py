"""People in the API: the people themselves, and their imports."""

from __future__ import annotations

from ninja import Router

from muster.people.directory.api import router as directory
from muster.people.imports.api import router as imports

router = Router()
# Before the people: `/imports/{id}` would be read as the id of a person.
router.add_router("", imports)
router.add_router("", directory)
