using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>Wire forms of sources and targets.</summary>
internal static class TerminusCodec
{
    public static Source? ReadSource(ref CompositeReader parent)
    {
        if (!parent.TryDescribed(out var descriptor, out var fields))
        {
            return null;
        }

        var source = new Source
        {
            Address = ReadAddress(ref fields),
            Durable = fields.UInt(),
            ExpiryPolicy = fields.Symbol(),
            Timeout = fields.UInt(),
            Dynamic = fields.Bool(),
            DynamicNodeProperties = fields.Map(),
            DistributionMode = fields.Symbol(),
            Filter = fields.Map(),
            DefaultOutcome = DeliveryStateCodec.Read(ref fields),
            Outcomes = fields.Symbols(),
            Capabilities = fields.Symbols(),
        };
        if (descriptor != Descriptor.Source)
        {
            fields.Fail();
        }

        parent.Join(fields);
        return source;
    }

    public static AttachTarget? ReadTarget(ref CompositeReader parent)
    {
        if (!parent.TryDescribed(out var descriptor, out var fields))
        {
            return null;
        }

        AttachTarget? target = null;
        switch (descriptor)
        {
            case Descriptor.Target:
                target = new Target
                {
                    Address = ReadAddress(ref fields),
                    Durable = fields.UInt(),
                    ExpiryPolicy = fields.Symbol(),
                    Timeout = fields.UInt(),
                    Dynamic = fields.Bool(),
                    DynamicNodeProperties = fields.Map(),
                    Capabilities = fields.Symbols(),
                };
                break;
            case Descriptor.Coordinator:
                target = new Coordinator(fields.Symbols());
                break;
            default:
                fields.Fail();
                break;
        }

        parent.Join(fields);
        return target;
    }

    public static void Write(AmqpWriter writer, ref CompositeWriter parent, Source? source)
    {
        if (source is null)
        {
            parent.Null();
            return;
        }

        var fields = new CompositeWriter(writer, Descriptor.Source);
        fields.String(source.Address);
        fields.UInt(source.Durable);
        fields.Symbol(source.ExpiryPolicy?.Value);
        fields.UInt(source.Timeout);
        fields.Bool(source.Dynamic);
        fields.Value(source.DynamicNodeProperties);
        fields.Symbol(source.DistributionMode?.Value);
        fields.Value(source.Filter);
        fields.State(source.DefaultOutcome);
        fields.Value(source.Outcomes);
        fields.Value(source.Capabilities);
        fields.End(fields: 11);
        parent.Keep();
    }

    public static void Write(AmqpWriter writer, ref CompositeWriter parent, AttachTarget? target)
    {
        switch (target)
        {
            case Target node:
                var fields = new CompositeWriter(writer, Descriptor.Target);
                fields.String(node.Address);
                fields.UInt(node.Durable);
                fields.Symbol(node.ExpiryPolicy?.Value);
                fields.UInt(node.Timeout);
                fields.Bool(node.Dynamic);
                fields.Value(node.DynamicNodeProperties);
                fields.Value(node.Capabilities);
                fields.End(fields: 7);
                parent.Keep();
                break;
            case Coordinator coordinator:
                var capabilities = new CompositeWriter(writer, Descriptor.Coordinator);
                capabilities.Value(coordinator.Capabilities);
                capabilities.End(fields: 1);
                parent.Keep();
                break;
            default:
                parent.Null();
                break;
        }
    }

    // An address may be of any type; only text names a node here.
    private static string? ReadAddress(ref CompositeReader fields) => fields.Any() switch
    {
        string text => text,
        AmqpSymbol symbol => symbol.Value,
        _ => null,
    };
}
