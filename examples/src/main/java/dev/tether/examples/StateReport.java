package dev.tether.examples;

import dev.tether.core.ConnectionState;
import dev.tether.core.ConnectionState.Closing;
import dev.tether.core.ConnectionState.Established;
import dev.tether.core.ConnectionState.Establishing;
import dev.tether.core.ConnectionState.Unresponsive;
import dev.tether.reactor.PeerConnection;
import reactor.core.publisher.Mono;

/** The life of a connection in lines: each state as it comes, then {@code Closed} or {@code Failed}. */
final class StateReport {

    private StateReport() {}

    /** Prints every state of {@code connection}, and completes when its end is printed, whatever end that is. */
    static Mono<Void> of(PeerConnection connection, String label, Console console) {
        return connection
                .states()
                .publishOn(Console.PRINTING)
                .doOnNext(state -> console.event(label + " " + describe(state)))
                .doOnComplete(() -> console.event(label + " Closed"))
                .doOnError(error -> console.event(label + " Failed " + ErrorReport.describe(error)))
                .then()
                .onErrorComplete();
    }

    /** A state in a few words, of which the first is its name. */
    static String describe(ConnectionState state) {
        if (state instanceof Establishing establishing) {
            return "Establishing attempt " + establishing.attempt();
        }
        if (state instanceof Established established) {
            return "Established at " + established.remoteAddress().getAddress().getHostAddress() + " port "
                    + established.remoteAddress().getPort();
        }
        if (state instanceof Closing closing) {
            return "Closing " + Printable.of(closing.reason().toString());
        }
        Unresponsive unresponsive = (Unresponsive) state;
        return "Unresponsive, not heard since " + Console.timeOfDay(unresponsive.sinceNs());
    }
}
