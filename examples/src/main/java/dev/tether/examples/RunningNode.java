package dev.tether.examples;

import dev.tether.core.PeerAddress;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerLink;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A node for the time of a command. {@link #close()} ends it in order; Ctrl-C closes its connections with code
 * {@value ExitCode#INTERRUPTED}, so that the peers learn of it at once.
 */
final class RunningNode implements AutoCloseable {

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);
    private static final Duration INTERRUPT_LIMIT = Duration.ofMillis(900);
    private static final String INTERRUPTED = "interrupted";

    private final Set<PeerConnection> connections = ConcurrentHashMap.newKeySet();
    private final Set<PeerLink> links = ConcurrentHashMap.newKeySet();
    private final Set<Mono<Void>> reports = ConcurrentHashMap.newKeySet();
    private final Sinks.Empty<Void> ending = Sinks.empty();
    private final Thread interrupt = new Thread(this::interrupted, "tether-interrupt");
    private final Console console;
    private final TransportNode node;

    /** Binds a node. */
    RunningNode(ReactiveTransport transport, Console console) {
        this.console = console;
        this.node = transport.doOnConnection(this::track).bindNow();
        Runtime.getRuntime().addShutdownHook(interrupt);
    }

    TransportNode node() {
        return node;
    }

    /** Connects to a peer. Blocks. */
    PeerConnection connect(PeerAddress peer) {
        PeerConnection connection = node.connect(peer).block();
        if (connection == null) {
            throw new IllegalStateException("connect() completed without a connection");
        }
        return connection;
    }

    /** Connects to a peer, and prints that and every state that follows. Blocks until the peer has answered. */
    PeerConnection connectReporting(PeerAddress peer, String label) {
        console.event(label + " Establishing " + peer);
        PeerConnection connection = connect(peer);
        report(connection, label);
        return connection;
    }

    /** Keeps a link to a peer until the end of the command, and prints each of its states. */
    PeerLink linkReporting(PeerAddress peer, String label) {
        PeerLink link = node.link(peer);
        links.add(link);
        report(LinkReport.of(link, label, console));
        return link;
    }

    /** Prints every state of a connection, and its end. */
    void report(PeerConnection connection, String label) {
        report(StateReport.of(connection, label, console));
    }

    /** Prints whether this node can be reached through its gateways, until the command ends. */
    void reportGateways(String label) {
        report(GatewayReport.of(node, ending.asMono(), label, console));
    }

    private void report(Mono<Void> printing) {
        Mono<Void> report = printing.cache();
        reports.add(report);
        report.subscribe(nothing -> {}, error -> {}, () -> reports.remove(report));
    }

    /** Closes all links and connections with code 0, waits for each for up to a second, and closes the socket. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(interrupt);
        } catch (IllegalStateException e) {
            // Ctrl-C came first: the hook is at it, and the process ends with it.
            return;
        }
        ending.tryEmitEmpty();
        closeLinks(ExitCode.OK, "").timeout(CLOSE_LIMIT).onErrorComplete().block();
        node.closeNow(CLOSE_LIMIT);
        Mono.when(reports).timeout(CLOSE_LIMIT).onErrorComplete().block();
    }

    /** Has Ctrl-C close a connection, also one of another node. */
    void track(PeerConnection connection) {
        connections.add(connection);
        connection
                .onClose()
                .subscribe(
                        nothing -> {}, error -> connections.remove(connection), () -> connections.remove(connection));
    }

    /** Links first: one that lives would connect again. */
    private Mono<Void> closeLinks(long code, String reason) {
        return Flux.fromIterable(links)
                .flatMap(link -> link.close(code, reason).onErrorComplete(), Integer.MAX_VALUE)
                .then();
    }

    private Mono<Void> closeConnections(long code, String reason) {
        return Flux.fromIterable(connections)
                .flatMap(connection -> connection.close(code, reason).onErrorComplete(), Integer.MAX_VALUE)
                .then();
    }

    private void interrupted() {
        ending.tryEmitEmpty();
        closeLinks(ExitCode.INTERRUPTED, INTERRUPTED)
                .then(closeConnections(ExitCode.INTERRUPTED, INTERRUPTED))
                .then(node.close(INTERRUPT_LIMIT))
                .timeout(INTERRUPT_LIMIT)
                .onErrorComplete()
                .block();
    }
}
