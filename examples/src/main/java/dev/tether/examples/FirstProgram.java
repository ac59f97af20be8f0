package dev.tether.examples;

import dev.tether.core.noise.KeyPair;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** An echo peer, and a peer that talks to it. */
public final class FirstProgram {

    private FirstProgram() {}

    /** Prints the states of a connection, and what comes back. */
    public static void main(String[] args) {
        TransportNode server = ReactiveTransport.create()
                .identity(KeyPair.generate())
                .handle(peer -> peer.send(peer.receive().retain())) // an echo peer
                .bindNow();
        TransportNode client = ReactiveTransport.create().bindNow();

        String answer = client.connect(server.addressAs("127.0.0.1"))
                .doOnNext(peer -> peer.states().subscribe(state -> System.out.println("state: " + state)))
                .flatMap(peer -> peer.sendString(Mono.just("hello")) // completes when the peer has it
                        .then(peer.receive().asString().next()))
                .block(Duration.ofSeconds(15));
        System.out.println("answer: " + answer);

        client.closeNow(Duration.ofSeconds(1));
        server.closeNow(Duration.ofSeconds(1));
    }
}
