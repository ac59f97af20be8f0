package dev.tether.reactor;

import dev.tether.core.RandomSource;
import java.time.Duration;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;

/**
 * Waits before each attempt of a link twice as long as before the one before it, up to a limit, and varies that at random, so
 * that peers which have lost the same gateway do not come back together. Never gives up.
 */
final class LinkBackoff extends Retry {

    static final Duration MIN = Duration.ofMillis(200);
    static final Duration MAX = Duration.ofSeconds(10);
    private static final double JITTER = 0.5;
    private static final int MAX_DOUBLINGS = 10;

    private final Scheduler scheduler;
    private final RandomSource random;

    /** @param random used on {@code scheduler} only */
    LinkBackoff(Scheduler scheduler, RandomSource random) {
        this.scheduler = scheduler;
        this.random = random;
    }

    @Override
    public Publisher<?> generateCompanion(Flux<RetrySignal> retrySignals) {
        return retrySignals.concatMap(signal -> Mono.delay(delay(signal.totalRetriesInARow()), scheduler));
    }

    private Duration delay(long retries) {
        Duration doubled = MIN.multipliedBy(1L << Math.min(retries, MAX_DOUBLINGS));
        Duration limited = doubled.compareTo(MAX) < 0 ? doubled : MAX;
        return Duration.ofNanos((long) (limited.toNanos() * (1 - JITTER + 2 * JITTER * random.nextDouble())));
    }
}
