package dev.tether.reactor.violations.socket;

import dev.tether.reactor.violations.AConnection;

/** Upwards. */
record UsesAConnection(AConnection connection) {}
