package dev.tether.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tether.core.ConnectionState;
import dev.tether.core.PeerAddress;
import dev.tether.core.PeerIdentity;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.StreamResetException;
import dev.tether.core.noise.KeyPair;
import dev.tether.core.simulation.NatSettings;
import dev.tether.reactor.Admission;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerLink;
import dev.tether.reactor.PeerStream;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.Relay;
import dev.tether.reactor.TransportNode;
import dev.tether.reactor.TypedConnection;
import dev.tether.reactor.codec.JacksonCodec;
import dev.tether.reactor.simulation.SimulatedHost;
import dev.tether.reactor.simulation.SimulatedNetwork;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** The snippets of the README that are no program: every Java block of it is taken from here or from FirstProgram. */
class ReadmeSnippetsTest {

    private static final Path README = Path.of("..", "README.md");
    private static final Path HERE =
            Path.of("src", "test", "java", "dev", "tether", "examples", "ReadmeSnippetsTest.java");
    private static final Path FIRST_PROGRAM =
            Path.of("src", "main", "java", "dev", "tether", "examples", "FirstProgram.java");
    private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int PORT = 4433;

    private final SimulatedNetwork network = SimulatedNetwork.create(12);
    private final SimulatedHost field = network.host("field");
    private final SimulatedHost city = network.host("city");
    private final KeyPair cityKey = KeyPair.generate();
    private final List<String> log = new ArrayList<>();

    private void log(String line) {
        log.add(line);
    }

    private TransportNode bindStation() {
        return ReactiveTransport.create()
                .runOn(city)
                .identity(cityKey)
                .port(PORT)
                .handle(peer -> peer.send(peer.receive().retain()))
                .bindNow();
    }

    @Test
    void theStatesOfAConnection() {
        PeerAddress station = bindStation().addressAs("city");
        TransportNode node = ReactiveTransport.create().runOn(field).bindNow();
        PeerConnection connection = network.await(node.connect(station), LIMIT);

        connection
                .states()
                .subscribe(
                        state -> log("it is " + state),
                        lost -> log("it is lost: " + lost.getMessage()),
                        () -> log("it is closed"));

        network.partition(List.of(field), List.of(city));
        Mono<Void> lost = connection.sendString(Mono.just("hello"));
        assertThatThrownBy(() -> network.await(lost, Duration.ofMinutes(3))).isNotNull();
        assertThat(log).hasSize(3);
        assertThat(log.get(0)).startsWith("it is " + ConnectionState.Established.class.getSimpleName());
        assertThat(log.get(1)).startsWith("it is " + ConnectionState.Unresponsive.class.getSimpleName());
        assertThat(log.get(2)).startsWith("it is lost: ").contains("was not heard");
    }

    @Test
    void peersBehindNats() {
        PeerAddress gatewayAddress = PeerAddress.of(cityKey.identity(), "city", PORT);

        ReactiveTransport gateway = ReactiveTransport.create().port(4433).gateway(true);

        ReactiveTransport peer = ReactiveTransport.create().gateways(gatewayAddress);

        gateway.runOn(city).identity(cityKey).bindNow();
        SimulatedHost bakery =
                network.nat("bakery's", NatSettings.PORT_RESTRICTED).host("bakery");
        SimulatedHost home = network.nat("home's", NatSettings.PORT_RESTRICTED).host("home");
        PeerIdentity bakerysKey = peer.runOn(bakery).bindNow().identity();
        TransportNode node = peer.runOn(home).bindNow();
        network.advance(Duration.ofSeconds(1));

        Mono<PeerConnection> connection = node.connect(PeerAddress.of(bakerysKey));

        assertThat(network.await(connection, LIMIT).remoteIdentity()).isEqualTo(bakerysKey);
    }

    @Test
    void datagramsBothWays() {
        List<String> seen = new ArrayList<>();
        PeerAddress station = ReactiveTransport.create()
                .runOn(city)
                .identity(cityKey)
                .port(PORT)
                .handle(peer -> peer.sendDatagram(
                        peer.receiveDatagrams().retain().doOnNext(it -> seen.add(it.toString(StandardCharsets.UTF_8)))))
                .bindNow()
                .addressAs("city");
        TransportNode node = ReactiveTransport.create().runOn(field).bindNow();
        PeerConnection connection = network.await(node.connect(station), LIMIT);
        Flux<String> positions =
                Flux.interval(Duration.ofMillis(100), network.scheduler()).map(number -> "km " + number);

        Disposable sending = connection
                .sendDatagram(positions
                        .onBackpressureLatest() // the newest, as fast as the path carries them
                        .map(position -> Unpooled.copiedBuffer(position, StandardCharsets.UTF_8)))
                .subscribe(nothing -> {}, end -> log("no more positions: " + end.getMessage()));
        connection.receiveDatagrams().asString().subscribe(position -> log("it is at " + position), end -> {});

        network.advance(Duration.ofSeconds(2));
        assertThat(seen).startsWith("km 0", "km 1").hasSizeBetween(15, 20);
        assertThat(log).startsWith("it is at km 0", "it is at km 1").hasSizeBetween(15, 20);
        sending.dispose();
        network.await(connection.close(), LIMIT);
    }

    record Account(boolean locked) {}

    record Accounts(Map<PeerIdentity, Account> known) {

        Mono<Account> find(PeerIdentity identity) {
            return Mono.justOrEmpty(known.get(identity));
        }
    }

    @Test
    void whoMayConnect() {
        KeyPair friend = KeyPair.generate();
        KeyPair locked = KeyPair.generate();
        Accounts accounts =
                new Accounts(Map.of(friend.identity(), new Account(false), locked.identity(), new Account(true)));

        ReactiveTransport admitting = ReactiveTransport.create()
                .admit(request -> accounts.find(request.remoteIdentity()) // any Publisher, within 5 s
                        .map(account -> account.locked() ? Admission.refuse(7, "locked") : Admission.accept())
                        .defaultIfEmpty(Admission.refuse(4, "unknown")));

        PeerAddress address = admitting.runOn(city).port(PORT).bindNow().addressAs("city");
        assertThat(network.await(dialer(friend).connect(address), LIMIT)).isNotNull();
        assertRefused(dialer(locked), address, 7, "locked");
        assertRefused(dialer(KeyPair.generate()), address, 4, "unknown");
    }

    private TransportNode dialer(KeyPair key) {
        return ReactiveTransport.create().runOn(field).identity(key).bindNow();
    }

    private void assertRefused(TransportNode node, PeerAddress address, long code, String text) {
        assertThatThrownBy(() -> network.await(node.connect(address), LIMIT))
                .isInstanceOfSatisfying(ConnectionEstablishmentException.class, refused -> {
                    assertThat(refused.isByApplication()).isTrue();
                    assertThat(refused.code()).isEqualTo(code);
                    assertThat(refused).hasMessageContaining(text);
                });
    }

    @Test
    void aLinkGoesOnOverACrashOfItsPeer() {
        PeerAddress station = bindStation().addressAs("city");
        city.crash();
        TransportNode node = ReactiveTransport.create().runOn(field).bindNow();

        PeerLink link = node.link(station); // a Retry as the second argument gives up some time
        link.states().subscribe(state -> log("the link is " + state), end -> log("it has given up: " + end));
        link.receive().asString().subscribe(order -> log("ordered: " + order), end -> {});

        link.sendString(Mono.just("21.5 °C")) // waits for a connection if there is none
                .subscribe(nothing -> {}, doubt -> log("perhaps not delivered: " + doubt), () -> log("delivered"));

        network.advance(Duration.ofSeconds(15));
        assertThat(log)
                .anyMatch(line -> line.startsWith("the link is Disconnected"))
                .doesNotContain("delivered");
        city.restart();
        bindStation();
        network.advance(Duration.ofSeconds(10));
        assertThat(log)
                .contains("delivered", "ordered: 21.5 °C")
                .noneMatch(line -> line.startsWith("perhaps") || line.startsWith("it has given up"));
    }

    @Test
    void ordersAndReceiptsAreJson() {
        TransportNode node = ReactiveTransport.create().runOn(field).bindNow();
        PeerConnection connection = network.await(node.connect(bindShop().addressAs("city")), LIMIT);

        record Order(String item, int count) {}
        record Receipt(String item) {}

        TypedConnection shop = connection.as(JacksonCodec.create());
        shop.receive(Receipt.class)
                .subscribe(receipt -> log("receipt for " + receipt.item()), failure -> log("unreadable: " + failure));
        shop.send(Flux.just(new Order("bread", 2), new Order("milk", 1)))
                .subscribe(nothing -> {}, failure -> log("failed: " + failure), () -> log("delivered"));

        network.advance(Duration.ofSeconds(1));
        assertThat(log).containsExactlyInAnyOrder("delivered", "receipt for bread", "receipt for milk");
    }

    private TransportNode bindShop() {
        return ReactiveTransport.create()
                .runOn(city)
                .port(PORT)
                .handle(peer -> {
                    TypedConnection customer = peer.as(JacksonCodec.create());
                    return customer.send(customer.receive(JsonNode.class)
                            .map(order -> Map.of("item", order.get("item").asText())));
                })
                .bindNow();
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    @Test
    void aRequestIsAnsweredOnItsStream() {
        List<PeerConnection> accepted = new ArrayList<>();
        TransportNode station = ReactiveTransport.create()
                .runOn(city)
                .port(PORT)
                .doOnConnection(accepted::add)
                .bindNow();
        TransportNode node = ReactiveTransport.create().runOn(field).bindNow();
        PeerConnection connection = network.await(node.connect(station.addressAs("city")), LIMIT);
        network.advance(Duration.ofSeconds(1));
        PeerConnection peer = accepted.get(0);

        // One side answers whatever is asked, any number at a time. One that is given up is no end for the others.
        Disposable answering = peer.streams()
                .flatMap(
                        stream -> stream.send(stream.receive()
                                        .aggregate()
                                        .asString()
                                        .map(question -> bytes("you asked: " + question)))
                                .onErrorComplete(StreamResetException.class),
                        Integer.MAX_VALUE)
                .subscribe(nothing -> {}, end -> log("no more questions: " + end.getMessage()));

        // The other side asks. Its send completes when the peer has the question.
        Mono<String> answer = connection
                .openStream()
                .flatMap(stream -> stream.send(Mono.just(bytes("how warm is it?")))
                        .then(stream.receive().aggregate().asString()));

        assertThat(network.await(answer, LIMIT)).isEqualTo("you asked: how warm is it?");
        PeerStream givenUp = network.await(connection.openStream(), LIMIT);
        givenUp.send(Flux.concat(Mono.just(bytes("ho")), Flux.never())).subscribe(nothing -> {}, end -> {});
        network.advance(Duration.ofSeconds(1));
        givenUp.reset(1);
        network.advance(Duration.ofSeconds(1));
        assertThat(network.await(answer, LIMIT)).isEqualTo("you asked: how warm is it?");
        assertThat(answering.isDisposed()).isFalse();
        network.await(connection.close(3, "enough"), LIMIT);
        network.advance(Duration.ofSeconds(5));
        assertThat(log).singleElement().asString().contains("enough");
    }

    /** Stores a piece when it is told to. */
    private static final class Archive {
        private final ByteArrayOutputStream stored = new ByteArrayOutputStream();
        private final List<Sinks.Empty<Void>> waiting = new ArrayList<>();
        private boolean open;

        Mono<Void> append(byte[] piece) {
            Sinks.Empty<Void> done = Sinks.empty();
            waiting.add(done);
            if (open) {
                done.tryEmitEmpty();
            }
            return done.asMono().doOnSuccess(nothing -> stored.writeBytes(piece));
        }

        void open() {
            open = true;
            List.copyOf(waiting).forEach(Sinks.Empty::tryEmitEmpty);
        }
    }

    @Test
    void aPublisherWaitsForItsReceiver() {
        Archive archive = new Archive();
        int[] given = new int[1];
        int all = 5_000;
        TransportNode station = ReactiveTransport.create()
                .runOn(city)
                .port(PORT)
                .handle(peer -> peer.openUniStream()
                        .flatMap(stream -> stream.send(Flux.range(0, all)
                                .doOnNext(i -> given[0]++)
                                .map(i -> Unpooled.buffer(1_000).writeZero(1_000))))
                        .then(peer.onClose()))
                .bindNow();
        TransportNode node = ReactiveTransport.create().runOn(field).bindNow();
        PeerConnection connection = network.await(node.connect(station.addressAs("city")), LIMIT);

        Mono<Void> archived = connection
                .streams()
                .next() // a stream that the peer has opened
                .flatMapMany(stream -> stream.receive().asByteArray()) // pieces as they come, their bounds mean nothing
                .concatMap(piece -> archive.append(piece), 1) // asks for the next piece when this one is stored
                .then();

        archived.subscribe(nothing -> {}, failure -> log("failed: " + failure), () -> log("archived"));
        network.advance(Duration.ofSeconds(30));
        // A window of 1 MiB, and what a send asks for ahead.
        assertThat(given[0]).isBetween(1_048, 1_048 + 256 + 64);
        archive.open();
        network.advance(Duration.ofSeconds(30));
        assertThat(log).containsExactly("archived");
        assertThat(archive.stored.size()).isEqualTo(all * 1_000);
    }

    @Test
    void aRelayHandsOnEverything() {
        PeerAddress station = bindStation().addressAs("city");
        SimulatedHost middle = network.host("middle");
        TransportNode dialer = ReactiveTransport.create().runOn(middle).bindNow();

        TransportNode relay = ReactiveTransport.create()
                .port(4433)
                .runOn(middle)
                .handle(peer -> dialer.connect(station) // a node with a key of its own
                        .flatMap(there -> Relay.connections(peer, there)))
                .bindNow();

        TransportNode node = ReactiveTransport.create().runOn(field).bindNow();
        PeerConnection connection = network.await(node.connect(relay.addressAs("middle")), LIMIT);
        Mono<String> echo = connection
                .sendString(Mono.just("hello"))
                .then(connection.receive().asString().next());
        assertThat(network.await(echo, LIMIT)).isEqualTo("hello");
    }

    @Test
    void everyJavaBlockOfTheReadmeIsCodeThatRuns() throws IOException {
        String code = normalized(Files.readString(HERE)) + "\n" + normalized(Files.readString(FIRST_PROGRAM));
        List<String> blocks = BLOCK.matcher(Files.readString(README))
                .results()
                .map((MatchResult block) -> normalized(block.group(1)))
                .toList();

        assertThat(blocks)
                .hasSizeGreaterThanOrEqualTo(4)
                .allSatisfy(block -> assertThat(code).contains(block));
    }

    /** Without the indentation, which differs. */
    private static String normalized(String code) {
        return String.join("\n", code.lines().map(String::strip).toList());
    }
}
