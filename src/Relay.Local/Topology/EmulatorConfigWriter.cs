using System.Text;
using System.Text.Json;
using System.Xml;

namespace Relay.Local.Topology;

/// <summary>Writes Config.json and clamps what the official emulator does not take.</summary>
internal static class EmulatorConfigWriter
{
    /// <summary>The only namespace name that the official emulator accepts.</summary>
    private const string NamespaceName = "sbemulatorns";

    private const int MaxEntities = 50;

    private static readonly JsonWriterOptions Indented = new() { Indented = true, NewLine = "\n" };

    public static EmulatorConfig Write(RelayTopology topology, EmulatorLimits limits)
    {
        var notes = new List<string>();
        var clamp = new Clamp(limits, notes);
        var topics = topology.AllTopics.ToList();
        if (limits == EmulatorLimits.Official && topology.Queues.Count + topics.Count > MaxEntities)
        {
            notes.Add($"{topology.Queues.Count + topics.Count} queues and topics: the official emulator refuses more than {MaxEntities}.");
        }

        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Indented))
        {
            json.WriteStartObject();
            json.WriteStartObject("UserConfig");
            json.WriteStartArray("Namespaces");
            json.WriteStartObject();
            json.WriteString("Name", NamespaceName);
            WriteArray(json, "Queues", topology.Queues, queue => WriteQueue(json, queue, clamp));
            WriteArray(json, "Topics", topics, topic => WriteTopic(json, topic, clamp));
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteStartObject("Logging");
            json.WriteString("Type", "Console");
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return new EmulatorConfig(Encoding.UTF8.GetString(stream.ToArray()) + "\n", notes);
    }

    private static void WriteQueue(Utf8JsonWriter json, QueueEntity queue, Clamp clamp)
    {
        json.WriteString("Name", queue.Name);
        json.WriteStartObject("Properties");
        json.WriteBoolean("DeadLetteringOnMessageExpiration", queue.DeadLetteringOnMessageExpiration);
        WriteDuration(json, "DefaultMessageTimeToLive", clamp.TimeToLive(queue.Name, queue.DefaultMessageTimeToLive));
        WriteDuration(json, "LockDuration", clamp.QueueLock(queue.Name, queue.LockDuration));
        json.WriteNumber("MaxDeliveryCount", clamp.DeliveryCount(queue.Name, queue.MaxDeliveryCount));
        json.WriteBoolean("RequiresDuplicateDetection", queue.RequiresDuplicateDetection);
        json.WriteBoolean("RequiresSession", queue.RequiresSession);
        json.WriteEndObject();
    }

    private static void WriteTopic(Utf8JsonWriter json, TopicEntity topic, Clamp clamp)
    {
        json.WriteString("Name", topic.Name);
        json.WriteStartObject("Properties");
        WriteDuration(json, "DefaultMessageTimeToLive", clamp.TimeToLive(topic.Name, topic.DefaultMessageTimeToLive));
        json.WriteBoolean("RequiresDuplicateDetection", topic.RequiresDuplicateDetection);
        if (topic.DuplicateDetectionHistoryTimeWindow is { } window)
        {
            WriteDuration(json, "DuplicateDetectionHistoryTimeWindow", clamp.DuplicateWindow(topic.Name, window));
        }

        json.WriteEndObject();
        WriteArray(json, "Subscriptions", topic.Subscriptions, subscription => WriteSubscription(json, topic, subscription, clamp));
    }

    private static void WriteSubscription(Utf8JsonWriter json, TopicEntity topic, SubscriptionEntity subscription, Clamp clamp)
    {
        var path = $"{topic.Name}/{subscription.Name}";
        json.WriteString("Name", subscription.Name);
        json.WriteStartObject("Properties");
        json.WriteBoolean("DeadLetteringOnMessageExpiration", subscription.DeadLetteringOnMessageExpiration);
        WriteDuration(json, "DefaultMessageTimeToLive", clamp.TimeToLive(path, subscription.DefaultMessageTimeToLive));
        WriteDuration(json, "LockDuration", clamp.SubscriptionLock(path, subscription.LockDuration));
        json.WriteNumber("MaxDeliveryCount", clamp.DeliveryCount(path, subscription.MaxDeliveryCount));
        json.WriteBoolean("RequiresSession", subscription.RequiresSession);
        json.WriteEndObject();
    }

    private static void WriteArray<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            write(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteDuration(Utf8JsonWriter json, string name, TimeSpan value) =>
        json.WriteString(name, XmlConvert.ToString(value));

    private readonly record struct Clamp(EmulatorLimits Limits, List<string> Notes)
    {
        public TimeSpan TimeToLive(string path, TimeSpan value) =>
            Within(path, "DefaultMessageTimeToLive", value, TimeSpan.FromMinutes(5), TimeSpan.FromHours(1));

        public TimeSpan DuplicateWindow(string path, TimeSpan value) =>
            Within(path, "DuplicateDetectionHistoryTimeWindow", value, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5));

        public TimeSpan QueueLock(string path, TimeSpan value) =>
            Within(path, "LockDuration", value, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5));

        // The emulator's schema has another lower bound for subscriptions.
        public TimeSpan SubscriptionLock(string path, TimeSpan value) =>
            Within(path, "LockDuration", value, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5));

        public int DeliveryCount(string path, int value)
        {
            if (Limits == EmulatorLimits.Cloud || value <= 10)
            {
                return value;
            }

            Notes.Add($"{path}: MaxDeliveryCount {value} became 10, the official emulator's most.");
            return 10;
        }

        private TimeSpan Within(string path, string setting, TimeSpan value, TimeSpan least, TimeSpan most)
        {
            var fitted = Limits == EmulatorLimits.Cloud ? value : value < least ? least : value > most ? most : value;
            if (fitted != value)
            {
                Notes.Add(
                    $"{path}: {setting} {XmlConvert.ToString(value)} became {XmlConvert.ToString(fitted)}, as near as the official "
                        + "emulator takes.");
            }

            return fitted;
        }
    }
}
