package dev.tether.reactor;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.util.retry.Retry;

/**
 * Tells the application's {@link Retry} why a link has no connection, and learns from it when to try again, or that it is
 * enough. It begins anew after each connection, with nothing left of what it was told before. On the event loop, but for
 * what the retry says, which may come on any thread.
 */
final class LinkRetry implements Disposable {

    /** How many failures may wait for a retry that takes its time. */
    private static final int MAX_WAITING = 16;

    private final Retry retry;
    private final Runnable tryAgain;
    private final Consumer<? super @Nullable Throwable> giveUp;
    private final Disposable.Swap running = Disposables.swap();

    /** What the retry is told since there was a connection; null if nothing was. */
    private Sinks.@Nullable Many<Retry.RetrySignal> failures;

    /**
     * A retry that was told nothing.
     *
     * @param tryAgain is called each time that the retry wants another attempt
     * @param giveUp is called when it wants none, with its own error, or null if it has completed
     */
    LinkRetry(Retry retry, Runnable tryAgain, Consumer<? super @Nullable Throwable> giveUp) {
        this.retry = retry;
        this.tryAgain = tryAgain;
        this.giveUp = giveUp;
    }

    /** There is a connection. */
    void reset() {
        failures = null;
        running.update(Disposables.disposed());
    }

    /**
     * There is no connection.
     *
     * @param attempts how many have failed since there was one
     * @throws RuntimeException if the retry does not work at all
     */
    void tell(int attempts, Throwable cause) {
        Sinks.Many<Retry.RetrySignal> told = failures;
        if (told == null) {
            told = Sinks.many().unicast().onBackpressureBuffer(new ArrayBlockingQueue<>(MAX_WAITING));
            failures = told;
            running.update(Flux.from(retry.generateCompanion(told.asFlux()))
                    .subscribe(again -> tryAgain.run(), giveUp, () -> giveUp.accept(null)));
        }
        Sinks.EmitResult result = told.tryEmitNext(new Failure(attempts, cause));
        switch (result) {
            // One that wants to know no more, or has not used what it knows, goes by that.
            case OK, FAIL_CANCELLED, FAIL_OVERFLOW -> {}
            default -> throw new AssertionError("a failure was not taken by the retry: " + result);
        }
    }

    @Override
    public void dispose() {
        running.dispose();
    }

    /**
     * What the retry is told.
     *
     * @param totalRetries how many attempts have failed since there was a connection
     */
    private record Failure(long totalRetries, Throwable failure) implements Retry.RetrySignal {

        @Override
        public long totalRetriesInARow() {
            return totalRetries;
        }
    }
}
