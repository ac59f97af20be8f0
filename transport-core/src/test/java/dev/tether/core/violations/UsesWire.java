package dev.tether.core.violations;

import dev.tether.core.violations.wire.UsesFrame;

/** Upwards: the root package uses none of its subpackages. */
public record UsesWire(UsesFrame wire) {}
