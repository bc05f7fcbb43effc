"""Where a parcel is: carriers behind one contract, one model, one verdict."""
