"""Give rows without service and without carrier the only carrier they can belong to."""

from collections.abc import Hashable
from dataclasses import replace
from threading import Lock

import numpy as np

from lomsong.ingest.reading.fields import CellFaults, Fields
from lomsong.ingest.reading.words import coded, filled, is_missing
from lomsong.ingest.samples.formats.base import Observations, Options
from lomsong.ingest.samples.sources import Source
from lomsong.vietnam import carriers

_FIELDS = ("plmn", "mcc", "mnc", "operator", "operator_name", "device")
_BATCH_ROWS = 262_144

Homes = tuple[Hashable | None, dict[Hashable | None, set[Hashable]]]


class HomeCarriers:
    """Who the rows without service and without carrier belong to: the only carrier of their file or device."""

    def __init__(self, source: Source, options: Options) -> None:
        self._source = source
        self._options = options
        self._found: Homes | None = None
        self._looking = Lock()

    def given_to(self, observed: Observations) -> Observations:
        """Fill in the carrier of rows without service, as far as there is only one it can be."""
        homeless = observed.no_service & is_missing(observed.plmn)
        if not homeless.any():
            return observed
        of_file, of_device = self._homes()
        known, devices = [*observed.plmn.categories], [*observed.device.categories, None]
        homes = [of_file or _only(of_device.get(device, set())) for device in devices]
        unknown = len(known) + len(homes)
        own = np.where(is_missing(observed.plmn), unknown, observed.plmn.codes)
        of_phone = len(known) + observed.device.codes.astype(np.int64) % len(homes)
        return replace(
            observed, plmn=coded(np.where(homeless, of_phone, own), [*known, *homes, None])
        )

    def _homes(self) -> Homes:
        """Look through the carriers of the whole file, which come before and behind the rows that lack one."""
        with self._looking:
            if self._found is None:
                self._found = self._seen()
        return self._found

    def _seen(self) -> Homes:
        of_device: dict[Hashable | None, set[Hashable]] = {}
        for batch in self._source.whole().batches(batch_rows=_BATCH_ROWS, fields=_FIELDS):
            fields = Fields(
                batch,
                columns=self._source.columns,
                file=self._source.member.name,
                faults=CellFaults(),
            )
            plmn = self._source.format.carrier(fields)
            device = filled(fields.word("device", str), self._options.device)
            names, width = [*device.categories, None], len(plmn.categories)
            named = ~is_missing(plmn)
            pairs = device.codes[named].astype(np.int64) % len(names) * width + plmn.codes[named]
            for phone, network in (divmod(pair, width) for pair in np.unique(pairs).tolist()):
                if plmn.categories[network] not in carriers.WITHDRAWN:
                    of_device.setdefault(names[phone], set()).add(plmn.categories[network])
        return _only(set().union(*of_device.values())), of_device


def _only(carriers_seen: set[Hashable]) -> Hashable | None:
    return next(iter(carriers_seen)) if len(carriers_seen) == 1 else None
