package dev.tether.reactor.simulation;

import dev.tether.core.ConnectionState;
import dev.tether.core.connection.Connection;
import dev.tether.core.connection.ConnectionEnd;
import dev.tether.reactor.socket.ConnectionListener;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;
import reactor.core.Exceptions;

/** Tells the trace, and the watchers of a host, what the connections of one of its nodes do. */
final class ConnectionTracer implements ConnectionListener {

    private final SimulatedNetwork network;
    private final String host;
    private final InetSocketAddress local;
    private final List<Consumer<? super Connection>> watchers;

    /** @param watchers the host's, those included that come later */
    ConnectionTracer(
            SimulatedNetwork network,
            String host,
            InetSocketAddress local,
            List<Consumer<? super Connection>> watchers) {
        this.network = network;
        this.host = host;
        this.local = local;
        this.watchers = watchers;
    }

    @Override
    public void onState(Connection connection, ConnectionState state) {
        network.trace()
                .add(new SimulationEvent.StateEntered(
                        network.nowNs(),
                        host,
                        local,
                        connection.remoteIdentity(),
                        connection.remoteAddress(),
                        connection.localConnectionId(),
                        state));
    }

    @Override
    public void onEnd(Connection connection, ConnectionEnd end) {
        network.trace()
                .add(new SimulationEvent.Ended(
                        network.nowNs(),
                        host,
                        local,
                        connection.remoteIdentity(),
                        connection.remoteAddress(),
                        connection.localConnectionId(),
                        end.failure()));
    }

    @Override
    public void onDrained(Connection connection) {
        for (int i = 0; i < watchers.size(); i++) {
            try {
                watchers.get(i).accept(connection);
            } catch (Throwable failure) {
                Exceptions.throwIfJvmFatal(failure);
                network.failed(failure);
            }
        }
    }
}
