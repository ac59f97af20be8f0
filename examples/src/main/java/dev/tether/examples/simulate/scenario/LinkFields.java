package dev.tether.examples.simulate.scenario;

import dev.tether.core.simulation.BurstLoss;
import dev.tether.core.simulation.Jitter;
import dev.tether.core.simulation.LinkSettings;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The fields of a link. */
final class LinkFields {

    static final List<Field<LinkSettings, LinkSettings>> ALL = List.of(
            duration("latency", LinkSettings::latency, LinkSettings::latency),
            new Field<>("jitter", (link, text) -> link.jitter(jitter(text)), link -> text(link.jitter())),
            probability("loss", LinkSettings::loss, LinkSettings::loss),
            probability("burstEnter", link -> link.burstLoss().enter(), LinkFields::burstEnter),
            probability("burstLeave", link -> link.burstLoss().leave(), LinkFields::burstLeave),
            probability("burstLoss", link -> link.burstLoss().loss(), LinkFields::burstLoss),
            probability("reordering", LinkSettings::reordering, LinkSettings::reordering),
            duration("reorderDelay", LinkSettings::reorderDelay, LinkSettings::reorderDelay),
            probability("duplication", LinkSettings::duplication, LinkSettings::duplication),
            duration("duplicateDelay", LinkSettings::duplicateDelay, LinkSettings::duplicateDelay),
            probability("corruption", LinkSettings::corruption, LinkSettings::corruption),
            probability("truncation", LinkSettings::truncation, LinkSettings::truncation),
            new Field<>(
                    "bytesPerSecond",
                    (link, text) -> link.bytesPerSecond(Amounts.size(text)),
                    link -> Long.toString(link.bytesPerSecond())),
            new Field<>(
                    "queueBytes",
                    (link, text) -> link.queueBytes(Amounts.intSize(text)),
                    link -> Integer.toString(link.queueBytes())),
            new Field<>("mtu", (link, text) -> link.mtu(Amounts.intSize(text)), link -> Integer.toString(link.mtu())),
            new Field<>(
                    "blackHole",
                    (link, text) -> link.blackHole(Amounts.flag(text)),
                    link -> Boolean.toString(link.blackHole())));

    private LinkFields() {}

    private static Field<LinkSettings, LinkSettings> duration(
            String name, Function<LinkSettings, Duration> get, BiFunction<LinkSettings, Duration, LinkSettings> set) {
        return new Field<>(
                name, (link, text) -> set.apply(link, Amounts.duration(text)), link -> Amounts.text(get.apply(link)));
    }

    private static Field<LinkSettings, LinkSettings> probability(
            String name, Function<LinkSettings, Double> get, BiFunction<LinkSettings, Double, LinkSettings> set) {
        return new Field<>(
                name,
                (link, text) -> set.apply(link, Amounts.probability(text)),
                link -> Double.toString(get.apply(link)));
    }

    private static LinkSettings burstEnter(LinkSettings link, double enter) {
        return link.burstLoss(
                new BurstLoss(enter, link.burstLoss().leave(), link.burstLoss().loss()));
    }

    private static LinkSettings burstLeave(LinkSettings link, double leave) {
        return link.burstLoss(
                new BurstLoss(link.burstLoss().enter(), leave, link.burstLoss().loss()));
    }

    private static LinkSettings burstLoss(LinkSettings link, double loss) {
        return link.burstLoss(
                new BurstLoss(link.burstLoss().enter(), link.burstLoss().leave(), loss));
    }

    /** {@code uniform 10ms}, {@code normal 10ms}, {@code exponential 10ms} or {@code none}. */
    private static Jitter jitter(String text) {
        String[] words = text.split(" +", 2);
        Duration scale = words.length == 2 ? Amounts.duration(words[1]) : Duration.ZERO;
        return switch (words.length + words[0]) {
            case "2uniform" -> Jitter.uniform(scale);
            case "2normal" -> Jitter.normal(scale);
            case "2exponential" -> Jitter.exponential(scale);
            case "1none" -> Jitter.NONE;
            default ->
                throw new IllegalArgumentException("'" + text
                        + "' is not a jitter; allowed are none, and uniform, normal or exponential with a duration, such"
                        + " as 'uniform 10ms'");
        };
    }

    private static String text(Jitter jitter) {
        String name = jitter.distribution().name().toLowerCase(Locale.ROOT);
        return jitter.distribution() == Jitter.Distribution.NONE ? name : name + ' ' + Amounts.text(jitter.scale());
    }
}
