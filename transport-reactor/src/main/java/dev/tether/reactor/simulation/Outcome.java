package dev.tether.reactor.simulation;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;

/** What has become of a {@code Mono}. */
final class Outcome<T> {

    private @Nullable T value;
    private @Nullable Throwable failure;
    private volatile boolean there;

    void value(T value) {
        this.value = value;
    }

    void failure(Throwable failure) {
        this.failure = failure;
        there = true;
    }

    void complete() {
        there = true;
    }

    boolean isThere() {
        return there;
    }

    @Nullable
    T get(Duration limit) {
        if (!there) {
            throw new IllegalStateException("there is no result after " + limit);
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure != null) {
            throw Exceptions.propagate(failure);
        }
        return value;
    }
}
