package dev.tether.core.violations.frame;

import dev.tether.core.violations.UsesWire;
import dev.tether.core.violations.wire.UsesFrame;

/** Downwards, which is allowed. */
public record UsesWireAndRoot(UsesFrame wire, UsesWire root) {}
