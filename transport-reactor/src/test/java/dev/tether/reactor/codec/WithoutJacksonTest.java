package dev.tether.reactor.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import dev.tether.reactor.simulation.SimulatedNetwork;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** Jackson is optional: without it all but its codec works. */
class WithoutJacksonTest {

    @Test
    void typedMessagesCrossWithoutJacksonOnTheClassPath() throws Exception {
        URL[] classPath = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("jackson"))
                .map(WithoutJacksonTest::url)
                .toArray(URL[]::new);
        try (URLClassLoader loader = new URLClassLoader(classPath, ClassLoader.getPlatformClassLoader())) {
            assertThatThrownBy(() -> loader.loadClass("com.fasterxml.jackson.databind.ObjectMapper"))
                    .isInstanceOf(ClassNotFoundException.class);
            Object application = loader.loadClass(Application.class.getName())
                    .getConstructor()
                    .newInstance();

            assertThat(((Callable<?>) application).call()).isEqualTo(List.of("one", "two"));
        }
    }

    /** Runs in a class loader of its own. */
    public static final class Application implements Callable<List<String>> {

        @Override
        public List<String> call() {
            List<String> received = new ArrayList<>();
            SimulatedNetwork network = SimulatedNetwork.create(1);
            TransportNode server = ReactiveTransport.create()
                    .runOn(network.host("server"))
                    .port(4433)
                    .doOnConnection(peer ->
                            peer.as(Codec.strings()).receive(String.class).subscribe(received::add))
                    .bindNow();
            TransportNode client =
                    ReactiveTransport.create().runOn(network.host("client")).bindNow();
            PeerConnection connection = Objects.requireNonNull(
                    network.await(client.connect(server.addressAs("server")), Duration.ofSeconds(10)));
            network.await(connection.as(Codec.strings()).send(Flux.just("one", "two")), Duration.ofSeconds(10));
            return received;
        }
    }

    private static URL url(String entry) {
        try {
            return new File(entry).toURI().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(entry, e);
        }
    }
}
