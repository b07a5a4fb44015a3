namespace Emulator.FunctionsHost;

/// <summary>A function app that cannot be run as it is: everything that is wrong with it, found in one pass.</summary>
public sealed class FunctionAppException : Exception
{
    /// <summary>One error per entry; at least one.</summary>
    public FunctionAppException(IReadOnlyList<string> errors)
        : base(Describe(errors)) => Errors = errors;

    /// <summary>Each says where, what was expected and what was found.</summary>
    public IReadOnlyList<string> Errors { get; }

    private static string Describe(IReadOnlyList<string> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        return errors.Count == 1
            ? $"The function app cannot be started: {errors[0]}"
            : $"The function app cannot be started, for {errors.Count} "
                + $"reasons:{string.Concat(errors.Select(error => $"{Environment.NewLine}- {error}"))}";
    }
}
