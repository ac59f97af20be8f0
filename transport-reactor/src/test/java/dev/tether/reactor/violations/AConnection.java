package dev.tether.reactor.violations;

/** Stands for the layer above the sockets. */
public interface AConnection {}
