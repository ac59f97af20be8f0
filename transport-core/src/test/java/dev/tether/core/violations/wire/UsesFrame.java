package dev.tether.core.violations.wire;

import dev.tether.core.violations.frame.UsesWireAndRoot;

/** Upwards, by the type of an array's elements. */
public final class UsesFrame {

    private final UsesWireAndRoot[] frames = {};

    int count() {
        return frames.length;
    }
}
