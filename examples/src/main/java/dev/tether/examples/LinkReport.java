package dev.tether.examples;

import dev.tether.core.PeerAddress;
import dev.tether.reactor.LinkState;
import dev.tether.reactor.LinkState.Connected;
import dev.tether.reactor.LinkState.Connecting;
import dev.tether.reactor.LinkState.Disconnected;
import dev.tether.reactor.PeerLink;
import reactor.core.publisher.Mono;

/** The life of a link in lines: each state as it comes, with its cause, then {@code Closed} or {@code Failed}. */
final class LinkReport {

    private LinkReport() {}

    /** Prints every state of {@code link}, and completes when its end is printed, whatever end that is. */
    static Mono<Void> of(PeerLink link, String label, Console console) {
        return link.states()
                .publishOn(Console.PRINTING)
                .doOnNext(state -> console.event(label + " " + describe(link, state)))
                .doOnComplete(() -> console.event(label + " Closed"))
                .doOnError(error -> console.event(label + " Failed " + ErrorReport.describe(error)))
                .then()
                .onErrorComplete();
    }

    private static String describe(PeerLink link, LinkState state) {
        if (state instanceof Connecting connecting) {
            return "Connecting to " + where(link.remoteAddress()) + ", attempt " + connecting.attempt();
        }
        if (state instanceof Connected connected) {
            return StateReport.describe(connected.state());
        }
        Disconnected disconnected = (Disconnected) state;
        String what = disconnected.attempt() == 0 ? "Lost " : "Attempt " + disconnected.attempt() + " failed ";
        return what + ErrorReport.describe(disconnected.cause()) + "; trying again";
    }

    private static String where(PeerAddress peer) {
        return peer.hasHost() ? Printable.of(peer.host()) + " port " + peer.port() : peer.toString();
    }
}
