package dev.tether.core.violations.stray;

/** Depends on nothing, but stands nowhere in the order. */
public final class HasNoPlace {}
