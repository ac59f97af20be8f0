package dev.tether.examples;

import dev.tether.reactor.PeerLink;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Sends lines through a link, each as a message of its own whose failure is no end for the others: it is printed, with the
 * line and the reason.
 */
final class LinkedLines {

    /** How many lines may be on their way; further ones are not read. */
    private static final int UNCONFIRMED = 256;

    private static final int QUOTED = 60;

    private final PeerLink link;
    private final Console console;
    private long lines;
    private long failures;
    private String firstFailure = "";

    LinkedLines(PeerLink link, Console console) {
        this.link = link;
        this.console = console;
    }

    /** Sends every line, and completes when each is delivered or has failed. */
    Mono<Void> send(Flux<String> input) {
        return input.doOnNext(line -> onLine())
                .flatMap(this::send, UNCONFIRMED)
                .publishOn(Console.PRINTING)
                .doOnNext(this::onFailure)
                .then();
    }

    private Mono<Failure> send(String line) {
        return link.sendString(Mono.just(line))
                .then(Mono.<Failure>empty())
                .onErrorResume(cause -> Mono.just(new Failure(line, cause)));
    }

    /** @throws UnconfirmedLinesException if a line has failed */
    synchronized void requireConfirmed() {
        if (failures > 0) {
            throw new UnconfirmedLinesException(
                    failures + " of " + lines + " lines may not have arrived, first " + firstFailure);
        }
    }

    private synchronized void onLine() {
        lines++;
    }

    private void onFailure(Failure failure) {
        String text = quoted(failure.line) + ": " + ErrorReport.describe(failure.cause);
        synchronized (this) {
            failures++;
            firstFailure = firstFailure.isEmpty() ? text : firstFailure;
        }
        console.event("! not confirmed " + text);
    }

    private static String quoted(String line) {
        return '"' + Printable.of(line.length() <= QUOTED ? line : line.substring(0, QUOTED) + "…") + '"';
    }

    /** A line of which it is not known whether it has arrived. */
    private record Failure(String line, Throwable cause) {}

    /** Lines were sent, and it is not known that they have arrived. */
    static final class UnconfirmedLinesException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private UnconfirmedLinesException(String message) {
            super(message);
        }
    }
}
