using System.Diagnostics.CodeAnalysis;

namespace Azure.Storage.Blobs.Models;

/// <summary>The service's error codes; compare with <see cref="RequestFailedException.ErrorCode"/>.</summary>
public readonly struct BlobErrorCode : IEquatable<BlobErrorCode>
{
    private readonly string? _value;

    public BlobErrorCode(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _value = value;
    }

    public static BlobErrorCode AppendPositionConditionNotMet { get; } = new("AppendPositionConditionNotMet");

    public static BlobErrorCode AuthenticationFailed { get; } = new("AuthenticationFailed");

    public static BlobErrorCode AuthorizationFailure { get; } = new("AuthorizationFailure");

    public static BlobErrorCode BlobAlreadyExists { get; } = new("BlobAlreadyExists");

    public static BlobErrorCode BlobNotFound { get; } = new("BlobNotFound");

    public static BlobErrorCode ConditionNotMet { get; } = new("ConditionNotMet");

    public static BlobErrorCode ContainerAlreadyExists { get; } = new("ContainerAlreadyExists");

    public static BlobErrorCode ContainerBeingDeleted { get; } = new("ContainerBeingDeleted");

    public static BlobErrorCode ContainerNotFound { get; } = new("ContainerNotFound");

    public static BlobErrorCode InvalidHeaderValue { get; } = new("InvalidHeaderValue");

    public static BlobErrorCode InvalidResourceName { get; } = new("InvalidResourceName");

    public static BlobErrorCode LeaseAlreadyPresent { get; } = new("LeaseAlreadyPresent");

    public static BlobErrorCode LeaseIdMismatchWithBlobOperation { get; } = new("LeaseIdMismatchWithBlobOperation");

    public static BlobErrorCode LeaseIdMissing { get; } = new("LeaseIdMissing");

    public static BlobErrorCode LeaseLost { get; } = new("LeaseLost");

    public static BlobErrorCode OperationTimedOut { get; } = new("OperationTimedOut");

    public static BlobErrorCode RequestBodyTooLarge { get; } = new("RequestBodyTooLarge");

    public static BlobErrorCode ServerBusy { get; } = new("ServerBusy");

    // A failed request may carry no code at all, and comparing it is the whole use of this type: null is let in here.
    public static implicit operator BlobErrorCode(string? value) => value is null ? default : new(value);

    public static bool operator ==(BlobErrorCode left, BlobErrorCode right) => left.Equals(right);

    public static bool operator !=(BlobErrorCode left, BlobErrorCode right) => !left.Equals(right);

    public bool Equals(BlobErrorCode other) => string.Equals(_value, other._value, StringComparison.OrdinalIgnoreCase);

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is BlobErrorCode other && Equals(other);

    public override int GetHashCode() => _value is null ? 0 : StringComparer.OrdinalIgnoreCase.GetHashCode(_value);

    public override string ToString() => _value ?? string.Empty;
}
