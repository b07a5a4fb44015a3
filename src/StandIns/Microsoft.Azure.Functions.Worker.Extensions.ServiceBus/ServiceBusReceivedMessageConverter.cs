using Azure.Core.Amqp;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.Functions.Worker.Core;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Reads what the host hands over: 16 bytes of the lock token (in the order of <see cref="Guid.ToByteArray()"/>), then the message as AMQP encodes it.</summary>
[SupportsDeferredBinding]
[SupportedTargetType(typeof(ServiceBusReceivedMessage))]
[SupportedTargetType(typeof(ServiceBusReceivedMessage[]))]
[SupportedTargetType(typeof(IEnumerable<ServiceBusReceivedMessage>))]
[SupportedTargetType(typeof(IList<ServiceBusReceivedMessage>))]
internal sealed class ServiceBusReceivedMessageConverter : IInputConverter
{
    private const int LockTokenBytes = 16;
    private const string ContentType = "application/octet-stream";
    private const string Source = "AzureServiceBusReceivedMessage";

    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(context.Source switch
        {
            ModelBindingData one => ConversionResult.Success(Read(one)),
            CollectionModelBindingData many when context.TargetType.IsArray => ConversionResult.Success(many.ModelBindingData.Select(Read).ToArray()),
            CollectionModelBindingData many => ConversionResult.Success(many.ModelBindingData.Select(Read).ToList()),
            _ => ConversionResult.Unhandled(),
        });
    }

    /// <exception cref="InvalidOperationException">The data is not a message of the host's Service Bus extension.</exception>
    private static ServiceBusReceivedMessage Read(ModelBindingData data)
    {
        if (data.Source != Source || data.ContentType != ContentType)
        {
            throw new InvalidOperationException($"Expected binding data of source {Source} and type {ContentType}, got source {data.Source} and type {data.ContentType}.");
        }

        var content = data.Content.ToMemory();
        return content.Length < LockTokenBytes
            ? throw new InvalidOperationException($"Expected {LockTokenBytes} bytes of lock token and a message, got {content.Length} bytes.")
            : ServiceBusReceivedMessage.FromAmqpMessage(
                AmqpAnnotatedMessage.FromBytes(BinaryData.FromBytes(content[LockTokenBytes..])), BinaryData.FromBytes(content[..LockTokenBytes]));
    }
}
